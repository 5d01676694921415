'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type Contract, unwrap } from '#libs/api-client';
import { FormDialog } from '../../components/form-dialog.tsx';
import { api } from '../session/api.ts';
import { POSTAL_CODE } from './create-contract-dialog.tsx';
import { CONTRACTS_KEY } from './use-contracts.ts';

/** Where invoices go, and which department bears the base fee. */
export function ChangeContractDialog({ contract, onClose }: { contract: Contract; onClose: () => void }) {
  const t = useTranslations('contracts');
  const common = useTranslations('common');
  const client = useQueryClient();
  const params = { path: { id: contract.id } };
  const departments = useQuery({
    queryKey: [...CONTRACTS_KEY, contract.id, 'departments'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/finance/v1/contracts/{id}/departments', { params, signal })),
  });
  return (
    <FormDialog
      title={t('change')}
      submitLabel={common('save')}
      fields={[
        {
          name: 'billingName',
          label: t('billingName'),
          required: true,
          maxLength: 100,
          initial: contract.billingName,
        },
        {
          name: 'billingPostalCode',
          label: t('postalCode'),
          initial: contract.billingPostalCode ?? '',
          check: (value) => (POSTAL_CODE.test(value) ? undefined : t('postalCodeFault')),
        },
        { name: 'billingAddress', label: t('address'), maxLength: 200, initial: contract.billingAddress ?? '' },
        {
          name: 'baseFeeDepartmentId',
          label: t('baseFeeDepartment'),
          hint: t('baseFeeDepartmentHint'),
          placeholder: t('byUse'),
          initial: contract.baseFeeDepartmentId ?? '',
          choices: (departments.data?.items ?? []).map(({ id, code, name }) => ({
            value: id,
            label: `${code} ${name}`,
          })),
        },
      ]}
      onSubmit={async ({ billingName, billingPostalCode, billingAddress, baseFeeDepartmentId }) => {
        const body = {
          billingName,
          billingPostalCode: billingPostalCode || null,
          billingAddress: billingAddress || null,
          baseFeeDepartmentId: baseFeeDepartmentId || null,
        };
        await unwrap(api.PATCH('/api/finance/v1/contracts/{id}', { params, body }));
        await client.invalidateQueries({ queryKey: CONTRACTS_KEY });
      }}
      onClose={onClose}
    />
  );
}
