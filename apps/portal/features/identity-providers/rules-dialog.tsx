'use client';

import { useTranslations } from 'use-intl';
import type { IdentityProvider } from '#libs/api-client';
import { FormDialog, type FormField } from '../../components/form-dialog.tsx';
import { readDepartmentCodes, writeDepartmentCodes } from './department-codes.ts';
import { useProviderActions } from './use-providers.ts';

const SWITCHES = ['createsMembers', 'linksByLoginId', 'vouchesForMfa'] as const;
const ATTRIBUTES = ['loginIdAttribute', 'displayNameAttribute', 'departmentAttribute'] as const;
type Name = 'name' | (typeof SWITCHES)[number] | (typeof ATTRIBUTES)[number] | 'departmentCodes';

/** Who is let in, and which attribute says what. */
export function RulesDialog({ provider, onClose }: { provider: IdentityProvider; onClose: () => void }) {
  const t = useTranslations('identityProviders');
  const { change } = useProviderActions();
  const fields: FormField<Name>[] = [
    { name: 'name', label: t('name'), hint: t('nameHint'), required: true, initial: provider.name, maxLength: 100 },
    ...SWITCHES.map((name) => ({
      name,
      label: t(`rules.${name}`),
      hint: t(`ruleHints.${name}`),
      initial: String(provider[name]),
      choices: ['false', 'true'].map((value) => ({ value, label: t(value === 'true' ? 'yes' : 'no') })),
    })),
    ...ATTRIBUTES.map((name) => ({
      name,
      label: t(`rules.${name}`),
      hint: t(`ruleHints.${name}`),
      initial: provider[name] ?? '',
      maxLength: 200,
    })),
    {
      name: 'departmentCodes',
      label: t('rules.departmentCodes'),
      hint: t('ruleHints.departmentCodes'),
      initial: writeDepartmentCodes(provider.departmentCodes),
      check: (value) => (readDepartmentCodes(value) ? undefined : t('departmentCodesFault')),
    },
  ];
  const submit = (values: Record<Name, string>) =>
    change(provider.id, {
      name: values.name,
      createsMembers: values.createsMembers === 'true',
      linksByLoginId: values.linksByLoginId === 'true',
      vouchesForMfa: values.vouchesForMfa === 'true',
      loginIdAttribute: values.loginIdAttribute || null,
      displayNameAttribute: values.displayNameAttribute || null,
      departmentAttribute: values.departmentAttribute || null,
      departmentCodes: readDepartmentCodes(values.departmentCodes) ?? {},
    });
  return (
    <FormDialog title={t('changeRules')} submitLabel={t('save')} fields={fields} onSubmit={submit} onClose={onClose} />
  );
}
