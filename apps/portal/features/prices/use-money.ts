'use client';

import { useFormatter, useTranslations } from 'use-intl';

const DECIMALS_MAX = 6;
const SEN_DECIMALS = 2;

/** Exact decimals of the wire as people read them. Nothing is computed with them here. */
export function useMoney() {
  const format = useFormatter();
  const t = useTranslations('prices');
  const plain = (text: string) => format.number(Number(text), { maximumFractionDigits: DECIMALS_MAX });
  const fixed = (text: string, digits: number) =>
    format.number(Number(text), { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const sen = (text: string) => fixed(text, SEN_DECIMALS);
  return {
    plain,
    /** All its digits, so that those of a column stand under one another. */
    exact: (text: string) => fixed(text, DECIMALS_MAX),
    /** Yen to the sen. */
    sen,
    /** A price in its own currency. */
    money: (text: string, currency: 'USD' | 'JPY') => t(`amount.${currency}`, { amount: plain(text) }),
    /** Yen to the sen: enough to compare models by. */
    yen: (text: string) => t('amount.JPY', { amount: sen(text) }),
  };
}
