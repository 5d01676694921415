'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type UsageTypeModel, unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { api } from '../session/api.ts';
import { MapDialog } from './map-dialog.tsx';
import { RECONCILIATION_KEY, useAccountant } from './use-reconciliation.ts';

/** What finance has said the provider's usage types mean. */
export function MappingTable() {
  const t = useTranslations('reconciliation');
  const common = useTranslations('common');
  const { mayWrite } = useAccountant();
  const [editing, setEditing] = useState<UsageTypeModel | null>(null);
  const models = useQuery({
    queryKey: [...RECONCILIATION_KEY, 'usage-type-models'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/finance/v1/usage-type-models', { signal })),
  });
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-std-20B-150">{t('mappings')}</h2>
      <ResourceTable
        caption={t('mappings')}
        query={models}
        rows={models.data?.items ?? []}
        rowKey={({ usageType, productCode }) => `${usageType} ${productCode}`}
        empty={t('mappingsEmpty')}
        columns={[
          { key: 'usageType', header: t('usageType'), isHeader: true, cell: ({ usageType }) => usageType },
          { key: 'product', header: t('product'), cell: ({ productCode }) => productCode || t('anyProduct') },
          { key: 'model', header: t('model'), cell: ({ model }) => model },
          { key: 'kind', header: t('tokenKind'), cell: ({ tokenKind }) => t(`tokenKinds.${tokenKind}`) },
          {
            key: 'actions',
            header: common('actions'),
            isActions: true,
            cell: (model) =>
              mayWrite ? (
                <Button
                  look="outline"
                  size="sm"
                  aria-label={common('editOf', { name: model.usageType })}
                  onClick={() => setEditing(model)}
                >
                  {common('edit')}
                </Button>
              ) : (
                '—'
              ),
          },
        ]}
      />
      {editing && <MapDialog usage={editing} onClose={() => setEditing(null)} />}
    </section>
  );
}
