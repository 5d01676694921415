'use client';

import { useTranslations } from 'use-intl';
import { type UsageTypeModel, unwrap } from '#libs/api-client';
import { FormDialog } from '../../components/form-dialog.tsx';
import { api } from '../session/api.ts';
import { useRefresh } from './use-reconciliation.ts';

const KINDS = ['input', 'output', 'cache_read', 'cache_write'] as const;

interface MapDialogProps {
  usage: {
    readonly usageType: string;
    readonly productCode: string;
    readonly tokenKind: UsageTypeModel['tokenKind'] | null;
    /** Where it is mapped already; then only the model and the kind can be changed. */
    readonly model?: string;
  };
  onClose: () => void;
}

/** Says which model and kind of token the provider means by a usage type. */
export function MapDialog({ usage: { usageType, productCode, tokenKind, model }, onClose }: MapDialogProps) {
  const t = useTranslations('reconciliation');
  const refresh = useRefresh();
  const isNew = model === undefined;
  const map = async (values: Record<'model' | 'tokenKind' | 'scope', string>) => {
    const item = {
      usageType,
      productCode: isNew && values.scope !== 'product' ? '' : productCode,
      model: values.model,
      tokenKind: values.tokenKind as (typeof KINDS)[number],
    };
    await unwrap(api.PUT('/api/finance/v1/usage-type-models', { body: { items: [item] } }));
    await refresh();
  };
  const scope = {
    name: 'scope' as const,
    label: t('scope'),
    hint: t('scopeHint'),
    initial: 'any',
    choices: [
      { value: 'any', label: t('scopes.any') },
      ...(productCode ? [{ value: 'product', label: t('scopes.product', { productCode }) }] : []),
    ],
  };
  return (
    <FormDialog
      title={t('mapTitle', { usageType })}
      submitLabel={t('mapSubmit')}
      onSubmit={map}
      onClose={onClose}
      fields={[
        {
          name: 'model',
          label: t('model'),
          hint: t('modelHint'),
          required: true,
          maxLength: 128,
          initial: model ?? '',
        },
        {
          name: 'tokenKind',
          label: t('tokenKind'),
          required: true,
          placeholder: t('choose'),
          initial: tokenKind ?? '',
          choices: KINDS.map((value) => ({ value, label: t(`tokenKinds.${value}`) })),
        },
        ...(isNew ? [scope] : []),
      ]}
    />
  );
}
