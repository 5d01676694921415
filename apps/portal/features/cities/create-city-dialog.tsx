'use client';

import { useTranslations } from 'use-intl';
import { unwrap } from '#libs/api-client';
import { FormDialog } from '../../components/form-dialog.tsx';
import { api } from '../session/api.ts';
import { isMunicipalityCode } from './municipality-code.ts';

export interface IssuedAdmin {
  city: string;
  loginId: string;
  initialPassword: string;
}

interface CreateCityDialogProps {
  onCreated: (issued: IssuedAdmin) => void;
  onClose: () => void;
}

type Values = Record<'code' | 'name' | 'monthlyLimitTokens' | 'loginId' | 'displayName', string>;

/** Onboards a city with its first administrator, whose password is shown once. */
export function CreateCityDialog({ onCreated, onClose }: CreateCityDialogProps) {
  const t = useTranslations('cities');
  const common = useTranslations('common');
  const create = async ({ code, name, monthlyLimitTokens, loginId, displayName }: Values): Promise<IssuedAdmin> => {
    const firstAdmin = { loginId, displayName };
    const body = { code, name, monthlyLimitTokens: Number(monthlyLimitTokens), firstAdmin };
    const { initialPassword } = await unwrap(api.POST('/api/ops/v1/cities', { body }));
    return { city: name, loginId, initialPassword };
  };
  return (
    <FormDialog
      title={t('create')}
      submitLabel={t('createSubmit')}
      onSubmit={create}
      onDone={onCreated}
      onClose={onClose}
      fields={[
        {
          name: 'code',
          label: t('code'),
          hint: t('codeHint'),
          required: true,
          inputMode: 'numeric',
          maxLength: 6,
          check: (value) => (isMunicipalityCode(value) ? undefined : t('codeFault')),
        },
        { name: 'name', label: t('name'), required: true },
        {
          name: 'monthlyLimitTokens',
          label: t('limit'),
          hint: t('limitHint'),
          required: true,
          inputMode: 'numeric',
          check: (value) => (/^\d{1,15}$/.test(value) ? undefined : common('wholeNumberFault')),
        },
        { name: 'loginId', label: t('adminLoginId'), required: true, pointer: '/firstAdmin/loginId' },
        { name: 'displayName', label: t('adminName'), required: true, pointer: '/firstAdmin/displayName' },
      ]}
    />
  );
}
