import type { ReactNode } from 'react';

const TONES = {
  neutral: 'bg-solid-gray-50 text-solid-gray-800 border-solid-gray-420',
  blue: 'bg-key-50 text-key-1000 border-key-900',
  green: 'bg-green-50 text-green-1000 border-success-2',
  yellow: 'bg-yellow-50 text-yellow-1200 border-warning-yellow-2',
  red: 'bg-red-50 text-red-1000 border-error-2',
  purple: 'bg-purple-50 text-purple-1100 border-purple-800',
} as const;

export type BadgeTone = keyof typeof TONES;

export function Badge({ tone = 'neutral', children }: { tone?: BadgeTone; children: ReactNode }) {
  return (
    <span
      className={`inline-flex w-fit items-center whitespace-nowrap rounded-6 border px-2 py-0.5 text-dns-14B-130 ${TONES[tone]}`}
    >
      {children}
    </span>
  );
}
