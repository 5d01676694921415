'use client';

import { useId } from 'react';

interface TickProps {
  readonly label: string;
  readonly hint?: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

/** A checkbox with what it means below it. */
export function Tick({ label, hint, checked, onChange }: TickProps) {
  const id = useId();
  return (
    <div className="flex items-start gap-3">
      <input
        id={id}
        type="checkbox"
        className="mt-1 size-5 shrink-0"
        aria-describedby={hint && `${id}-hint`}
        checked={checked}
        onChange={({ target }) => onChange(target.checked)}
      />
      <div className="flex flex-col gap-1">
        <label htmlFor={id} className="text-std-16N-170">
          {label}
        </label>
        {hint && (
          <p id={`${id}-hint`} className="text-dns-14N-130 text-solid-gray-700">
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}
