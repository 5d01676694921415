import type { ReactNode } from 'react';

/** What a row is about: its name, and below it the code or id that tells namesakes apart. */
export function Named({ name, code }: { name: ReactNode; code: string }) {
  return (
    <span className="flex flex-col gap-1">
      {name}
      <span className="text-dns-14N-130 text-solid-gray-700">{code}</span>
    </span>
  );
}
