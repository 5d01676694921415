'use client';

import { useFormatter, useTranslations } from 'use-intl';
import type { AgreedTerms } from '#libs/api-client';

const DECIMALS_MAX = 4;

/** What was agreed, as it is said on a contract. */
export function useTermsWords() {
  const t = useTranslations('contracts');
  const format = useFormatter();
  const exact = (text: string) => format.number(Number(text), { maximumFractionDigits: DECIMALS_MAX });
  const yen = (amount: number | string) => t('yen', { amount: exact(String(amount)) });
  return {
    yen,
    baseFee: ({ baseFeeJpy }: AgreedTerms) => yen(baseFeeJpy),
    included: ({ includedUnits, unit }: AgreedTerms) =>
      t('units', { count: format.number(includedUnits), unit: t(`unit.${unit}`) }),
    counts: ({ countsInput, countsOutput, countsCache }: AgreedTerms) =>
      [countsInput && t('kind.input'), countsOutput && t('kind.output'), countsCache && t('kind.cache')]
        .filter(Boolean)
        .join(t('and')),
    beyond: ({ beyond, unit }: AgreedTerms) =>
      beyond.pricing === 'unit_price'
        ? t('perMillion', { amount: exact(beyond.unitPriceJpy), unit: t(`unit.${unit}`) })
        : [
            t('costPlus', { percent: format.number(Number(beyond.markup) * 100, { maximumFractionDigits: 2 }) }),
            beyond.fixedJpyPerUsd && t('fixedRate', { rate: exact(beyond.fixedJpyPerUsd) }),
          ]
            .filter(Boolean)
            .join(t('and')),
  };
}
