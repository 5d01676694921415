'use client';

import { Button } from './button.tsx';

interface RowButtonProps {
  label: string;
  /** What a screen reader says instead: the label with the row's name. */
  name: string;
  onPress: () => void;
}

/** The one thing that can be done with a row; where there is more, {@link RowMenu}. */
export function RowButton({ label, name, onPress }: RowButtonProps) {
  return (
    <Button look="outline" size="sm" aria-label={name} onClick={onPress}>
      {label}
    </Button>
  );
}
