'use client';

import { type ComponentProps, useRef } from 'react';
import { Button } from './button.tsx';

/** The tables we read, for `accept`. */
export const TABLE_FILES = '.csv,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

interface FileButtonProps extends Pick<ComponentProps<typeof Button>, 'children' | 'className' | 'inactive' | 'look'> {
  /** What file it asks for. */
  label: string;
  accept: string;
  onFile: (file: File) => void;
}

/** Asks for one file. The button is what the keyboard reaches; the browser's own control stays out of sight. */
export function FileButton({ label, accept, onFile, inactive, ...button }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  const take = (files: FileList | null) => {
    const file = files?.[0];
    if (file && !inactive) onFile(file);
    // The same file, mended, can be chosen again
    if (input.current) input.current.value = '';
  };
  return (
    <>
      <input
        ref={input}
        type="file"
        accept={accept}
        aria-label={label}
        tabIndex={-1}
        className="sr-only"
        onChange={(event) => take(event.target.files)}
      />
      <Button {...button} inactive={inactive} onClick={() => input.current?.click()} />
    </>
  );
}
