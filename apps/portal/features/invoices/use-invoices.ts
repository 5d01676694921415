'use client';

import { useFormatter } from 'use-intl';
import type { BadgeTone } from '../../components/badge.tsx';
import type { Invoice } from '#libs/api-client';

export const INVOICES_KEY = ['invoices'] as const;

export const STATE_TONES: Record<Invoice['state'], BadgeTone> = {
  draft: 'neutral',
  reviewed: 'yellow',
  approved: 'blue',
  issued: 'purple',
  disputed: 'red',
  accepted: 'green',
  paid: 'green',
};

/** Whole yen as bills write them. */
export function useYen(): (amount: number) => string {
  const format = useFormatter();
  return (amount) => format.number(amount, { style: 'currency', currency: 'JPY', currencyDisplay: 'symbol' });
}
