'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type Contract, unwrap } from '#libs/api-client';
import { FormDialog } from '../../components/form-dialog.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { CONTRACTS_KEY, VALID_FROM_CODES } from './use-contracts.ts';
import { termsOf, useTermsFields } from './use-terms-fields.ts';

/** Other terms from a later day on, agreed with this city alone. The form begins with those that were approved last. */
export function AgreeTermsDialog({ contract, onClose }: { contract: Contract; onClose: () => void }) {
  const t = useTranslations('contracts');
  const { day } = useFormats();
  const client = useQueryClient();
  const last = contract.terms.findLast(({ approvedBy }) => approvedBy) ?? contract.terms.at(-1);
  const terms = useTermsFields(last?.terms);
  return (
    <FormDialog
      title={t('agree')}
      lead={t('agreeLead')}
      submitLabel={t('propose')}
      fields={[
        {
          name: 'validFrom',
          label: t('validFrom'),
          hint: t('validFromHint', { to: day(contract.endsOn) }),
          required: true,
          isDay: true,
          codes: VALID_FROM_CODES,
        },
        ...terms,
      ]}
      onSubmit={async ({ validFrom, ...values }) => {
        const params = { path: { id: contract.id } };
        const body = { validFrom, terms: termsOf(values) };
        await unwrap(api.POST('/api/finance/v1/contracts/{id}/terms', { params, body }));
        await client.invalidateQueries({ queryKey: CONTRACTS_KEY });
      }}
      onClose={onClose}
    />
  );
}
