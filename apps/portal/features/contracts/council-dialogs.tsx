'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type Council, unwrap } from '#libs/api-client';
import type { Choice } from '../../components/field.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { jstMonth } from '../../i18n/jst.ts';
import { api } from '../session/api.ts';
import { COUNCILS_KEY } from './use-contracts.ts';

const YEN = /^\d{1,11}$/;
const WEIGHT = /^\d{1,10}(?:\.\d{1,4})?$/;
const SPLITS = ['equal', 'population', 'usage', 'weights'] as const;

/** Every city the vendor serves, for a select. */
function useCityChoices(): Choice[] {
  const month = jstMonth();
  const usage = useQuery({
    queryKey: ['finance-usage', month],
    queryFn: ({ signal }) => unwrap(api.GET('/api/finance/v1/usage', { params: { query: { month } }, signal })),
  });
  return usage.data?.items.map(({ cityId, code, name }) => ({ value: cityId, label: `${code} ${name}` })) ?? [];
}

/** A council with its first member; others join one by one, and a second person approves all of it at once. */
export function ProposeCouncilDialog({ year, onClose }: { year: number; onClose: () => void }) {
  const t = useTranslations('contracts');
  const common = useTranslations('common');
  const client = useQueryClient();
  const member = useMemberFields();
  return (
    <FormDialog
      title={t('proposeCouncil')}
      submitLabel={t('propose')}
      fields={[
        { name: 'name', label: t('council'), required: true, maxLength: 100 },
        {
          name: 'monthlyBaseFeeJpy',
          label: t('councilFee'),
          required: true,
          inputMode: 'numeric',
          check: (value) => (YEN.test(value) ? undefined : common('wholeNumberFault')),
        },
        {
          name: 'split',
          label: t('splitLabel'),
          choices: SPLITS.map((value) => ({ value, label: t(`split.${value}`) })),
        },
        ...member,
      ]}
      onSubmit={async ({ name, monthlyBaseFeeJpy, split, cityId, weight }) => {
        const body = {
          fiscalYear: year,
          name,
          monthlyBaseFeeJpy: Number(monthlyBaseFeeJpy),
          split: SPLITS.find((one) => one === split) ?? 'equal',
          members: [{ cityId, weight }],
        };
        await unwrap(api.POST('/api/finance/v1/councils', { body }));
        await client.invalidateQueries({ queryKey: COUNCILS_KEY });
      }}
      onClose={onClose}
    />
  );
}

export function AddMemberDialog({ council, onClose }: { council: Council; onClose: () => void }) {
  const t = useTranslations('contracts');
  const client = useQueryClient();
  const taken = new Set(council.members.map(({ city }) => city.id));
  return (
    <FormDialog
      title={t('joinOf', { name: council.name })}
      submitLabel={t('propose')}
      fields={useMemberFields(taken)}
      onSubmit={async (body) => {
        await unwrap(api.POST('/api/finance/v1/councils/{id}/members', { params: { path: { id: council.id } }, body }));
        await client.invalidateQueries({ queryKey: COUNCILS_KEY });
      }}
      onClose={onClose}
    />
  );
}

function useMemberFields(taken: ReadonlySet<string> = new Set()) {
  const t = useTranslations('contracts');
  const cities = useCityChoices().filter(({ value }) => !taken.has(value));
  return [
    { name: 'cityId', label: t('member'), required: true, placeholder: t('choose'), choices: cities } as const,
    {
      name: 'weight',
      label: t('weight'),
      hint: t('weightHint'),
      required: true,
      initial: '1',
      check: (value: string) => (WEIGHT.test(value) && Number(value) > 0 ? undefined : t('weightFault')),
    } as const,
  ];
}
