'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { unwrap } from '#libs/api-client';
import { FormDialog } from '../../components/form-dialog.tsx';
import { api } from '../session/api.ts';
import { PLANS_KEY, usePlans } from './use-contracts.ts';

const WHOLE = /^\d{1,15}$/;
const YEN = /^\d{1,11}$/;
const PRICE = /^\d{1,10}(?:\.\d{1,4})?$/;
const PERCENT = /^\d{1,3}(?:\.\d{1,2})?$/;
const RATE = /^\d{1,6}(?:\.\d{1,6})?$/;

/** What a plan counts, as one choice. */
const COUNTS = {
  both: { countsInput: true, countsOutput: true, countsCache: false },
  input: { countsInput: true, countsOutput: false, countsCache: false },
  output: { countsInput: false, countsOutput: true, countsCache: false },
  all: { countsInput: true, countsOutput: true, countsCache: true },
} as const;

/** Per cent to a fraction, exactly: two digits of the point, no arithmetic. */
function fractionOf(percent: string): string {
  const [whole = '', digits = ''] = percent.split('.');
  const padded = whole.padStart(3, '0');
  return `${Number(padded.slice(0, -2))}.${padded.slice(-2)}${digits}`;
}

/** A new plan, or the successor of the one that has its code. */
export function OfferPlanDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslations('contracts');
  const common = useTranslations('common');
  const client = useQueryClient();
  const onOffer = usePlans().data?.items.filter(({ retiredAt }) => !retiredAt) ?? [];
  const matches = (pattern: RegExp, fault: string) => (value: string) => (pattern.test(value) ? undefined : fault);
  return (
    <FormDialog
      title={t('offer')}
      submitLabel={common('add')}
      fields={[
        {
          name: 'code',
          label: t('planCode'),
          hint: t('planCodeHint'),
          required: true,
          maxLength: 32,
          check: matches(/^[A-Za-z0-9._-]+$/, t('planCodeFault')),
        },
        { name: 'name', label: t('planName'), required: true, maxLength: 100 },
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
        },
        {
          name: 'counts',
          label: t('counts'),
          choices: (['both', 'input', 'output', 'all'] as const).map((value) => ({
            value,
            label: t(`countsOf.${value}`),
          })),
          pointer: '/terms/countsCache',
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
        },
        {
          name: 'fixedJpyPerUsd',
          label: t('fixedJpyPerUsd'),
          hint: t('fixedHint'),
          check: matches(RATE, t('amountFault')),
          pointer: '/terms/beyond/fixedJpyPerUsd',
        },
      ]}
      onSubmit={async ({ code, name, ...terms }) => {
        const beyond =
          terms.pricing === 'cost_plus'
            ? {
                pricing: 'cost_plus' as const,
                markup: fractionOf(terms.amount),
                fixedJpyPerUsd: terms.fixedJpyPerUsd || null,
              }
            : { pricing: 'unit_price' as const, unitPriceJpy: terms.amount };
        const body = {
          code,
          name,
          succeeds: onOffer.some((plan) => plan.code === code),
          terms: {
            baseFeeJpy: Number(terms.baseFeeJpy),
            unit: terms.unit === 'characters' ? ('characters' as const) : ('tokens' as const),
            ...COUNTS[terms.counts as keyof typeof COUNTS],
            includedUnits: Number(terms.includedUnits),
            beyond,
          },
        };
        await unwrap(api.POST('/api/finance/v1/plans', { body }));
        await client.invalidateQueries({ queryKey: PLANS_KEY });
      }}
      onClose={onClose}
    />
  );
}
