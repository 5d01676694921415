'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { unwrap } from '#libs/api-client';
import { FormDialog } from '../../components/form-dialog.tsx';
import { api } from '../session/api.ts';
import { PLANS_KEY, usePlans } from './use-contracts.ts';
import { termsOf, useTermsFields } from './use-terms-fields.ts';

const CODE = /^[A-Za-z0-9._-]+$/;

/** A new plan, or the successor of the one that has its code. */
export function OfferPlanDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslations('contracts');
  const common = useTranslations('common');
  const client = useQueryClient();
  const terms = useTermsFields();
  const onOffer = usePlans().data?.items.filter(({ retiredAt }) => !retiredAt) ?? [];
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
          check: (value) => (CODE.test(value) ? undefined : t('planCodeFault')),
        },
        { name: 'name', label: t('planName'), required: true, maxLength: 100 },
        ...terms,
      ]}
      onSubmit={async ({ code, name, ...values }) => {
        const body = { code, name, succeeds: onOffer.some((plan) => plan.code === code), terms: termsOf(values) };
        await unwrap(api.POST('/api/finance/v1/plans', { body }));
        await client.invalidateQueries({ queryKey: PLANS_KEY });
      }}
      onClose={onClose}
    />
  );
}
