'use client';

import { useTranslations } from 'use-intl';
import type { AgreedTerms } from '#libs/api-client';
import type { FormField } from '../../components/form-dialog.tsx';
import { fractionOf, percentOf } from './percent.ts';

const WHOLE = /^\d{1,15}$/;
const YEN = /^\d{1,11}$/;
const PRICE = /^\d{1,10}(?:\.\d{1,4})?$/;
const PERCENT = /^\d{1,3}(?:\.\d{1,2})?$/;
const RATE = /^\d{1,6}(?:\.\d{1,6})?$/;

type TermsField = 'baseFeeJpy' | 'unit' | 'counts' | 'includedUnits' | 'pricing' | 'amount' | 'fixedJpyPerUsd';

/** What is counted, as one choice. */
const COUNTS = {
  both: { countsInput: true, countsOutput: true, countsCache: false },
  input: { countsInput: true, countsOutput: false, countsCache: false },
  output: { countsInput: false, countsOutput: true, countsCache: false },
  all: { countsInput: true, countsOutput: true, countsCache: true },
} as const;
const CHOICES = ['both', 'input', 'output', 'all'] as const;

/** The choice that terms are; none for what only the API can say. */
const choiceOf = (terms: AgreedTerms) =>
  CHOICES.find(
    (choice) =>
      COUNTS[choice].countsInput === terms.countsInput &&
      COUNTS[choice].countsOutput === terms.countsOutput &&
      COUNTS[choice].countsCache === terms.countsCache,
  ) ?? '';

/** Terms as they stand in the fields. */
const valuesOf = ({ beyond, ...terms }: AgreedTerms): Record<TermsField, string> => ({
  baseFeeJpy: String(terms.baseFeeJpy),
  unit: terms.unit,
  counts: choiceOf({ ...terms, beyond }),
  includedUnits: String(terms.includedUnits),
  pricing: beyond.pricing,
  amount: beyond.pricing === 'unit_price' ? beyond.unitPriceJpy : percentOf(beyond.markup),
  fixedJpyPerUsd: (beyond.pricing === 'cost_plus' && beyond.fixedJpyPerUsd) || '',
});

/** What is agreed to be paid, as fields of a form. @param initial terms to begin with */
export function useTermsFields(initial?: AgreedTerms): FormField<TermsField>[] {
  const t = useTranslations('contracts');
  const common = useTranslations('common');
  const matches = (pattern: RegExp, fault: string) => (value: string) => (pattern.test(value) ? undefined : fault);
  const fields: FormField<TermsField>[] = [
    {
      name: 'baseFeeJpy',
      label: t('baseFeeMonthly'),
      required: true,
      inputMode: 'numeric',
      check: matches(YEN, common('wholeNumberFault')),
      pointer: '/terms/baseFeeJpy',
    },
    {
      name: 'unit',
      label: t('unitLabel'),
      choices: (['tokens', 'characters'] as const).map((value) => ({ value, label: t(`unit.${value}`) })),
      pointer: '/terms/unit',
    },
    {
      name: 'counts',
      label: t('counts'),
      required: true,
      choices: CHOICES.map((value) => ({ value, label: t(`countsOf.${value}`) })),
      pointer: ['/terms/countsCache', '/terms/countsInput'],
      ...(initial && choiceOf(initial) === '' && { placeholder: t('choose') }),
    },
    {
      name: 'includedUnits',
      label: t('includedMonthly'),
      required: true,
      inputMode: 'numeric',
      check: matches(WHOLE, common('wholeNumberFault')),
      pointer: '/terms/includedUnits',
    },
    {
      name: 'pricing',
      label: t('beyond'),
      choices: (['unit_price', 'cost_plus'] as const).map((value) => ({ value, label: t(`pricing.${value}`) })),
    },
    {
      name: 'amount',
      label: t('amount'),
      hint: t('amountHint'),
      required: true,
      check: (value, { pricing }) =>
        (pricing === 'cost_plus' ? PERCENT : PRICE).test(value) ? undefined : t('amountFault'),
      pointer: ['/terms/beyond/unitPriceJpy', '/terms/beyond/markup'],
    },
    {
      name: 'fixedJpyPerUsd',
      label: t('fixedJpyPerUsd'),
      hint: t('fixedHint'),
      // Left out in silence it would be agreed and not charged by
      check: (value, { pricing }) =>
        pricing === 'cost_plus' ? matches(RATE, t('amountFault'))(value) : t('fixedFault'),
      pointer: '/terms/beyond/fixedJpyPerUsd',
    },
  ];
  const values = initial && valuesOf(initial);
  return values ? fields.map((field) => ({ ...field, initial: values[field.name] })) : fields;
}

/** Terms out of the fields. */
export function termsOf(values: Readonly<Record<TermsField, string>>): AgreedTerms {
  return {
    baseFeeJpy: Number(values.baseFeeJpy),
    unit: values.unit === 'characters' ? 'characters' : 'tokens',
    ...COUNTS[values.counts as keyof typeof COUNTS],
    includedUnits: Number(values.includedUnits),
    beyond:
      values.pricing === 'cost_plus'
        ? { pricing: 'cost_plus', markup: fractionOf(values.amount), fixedJpyPerUsd: values.fixedJpyPerUsd || null }
        : { pricing: 'unit_price', unitPriceJpy: values.amount },
  };
}
