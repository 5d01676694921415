'use client';

import { useFormatter, useTranslations } from 'use-intl';

const DECIMALS_MAX = 6;
const YEN_DECIMALS_MAX = 2;

/** Exact decimals of the wire as people read them. Nothing is computed with them here. */
export function useMoney() {
  const format = useFormatter();
  const t = useTranslations('prices');
  const plain = (text: string, maximumFractionDigits = DECIMALS_MAX) =>
    format.number(Number(text), { maximumFractionDigits });
  return {
    plain,
    /** A price in its own currency. */
    money: (text: string, currency: 'USD' | 'JPY') => t(`amount.${currency}`, { amount: plain(text) }),
    /** Yen to the sen: enough to compare models by. */
    yen: (text: string) => t('amount.JPY', { amount: plain(text, YEN_DECIMALS_MAX) }),
  };
}
