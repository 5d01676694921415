'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { UnmappedUsage } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { MapDialog } from './map-dialog.tsx';
import { useAccountant, useUsd } from './use-reconciliation.ts';

/** Lines of the bill that nobody has said the model of. */
export function UnmappedTable({ rows }: { rows: readonly UnmappedUsage[] }) {
  const t = useTranslations('reconciliation');
  const common = useTranslations('common');
  const usd = useUsd();
  const { number } = useFormats();
  const { mayWrite } = useAccountant();
  const [mapping, setMapping] = useState<UnmappedUsage | null>(null);
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-std-20B-150">{t('unmapped')}</h2>
      <p className="text-std-16N-170">{t('unmappedLead')}</p>
      <DataTable
        caption={t('unmapped')}
        rows={rows}
        rowKey={({ usageType, productCode, region }) => `${usageType} ${productCode} ${region}`}
        columns={[
          {
            key: 'usageType',
            header: t('usageType'),
            isHeader: true,
            isProse: true,
            cell: ({ usageType }) => usageType,
          },
          { key: 'product', header: t('product'), cell: ({ productCode }) => productCode || '—' },
          { key: 'region', header: t('region'), cell: ({ region }) => region || t('noRegion') },
          { key: 'lines', header: t('lines'), numeric: true, cell: ({ fileLines }) => number(fileLines) },
          { key: 'first', header: t('firstLine'), numeric: true, cell: ({ firstFileLine }) => number(firstFileLine) },
          { key: 'usd', header: t('provider'), numeric: true, cell: (row) => usd(row.usd) },
          {
            key: 'actions',
            header: common('actions'),
            isActions: true,
            cell: (row) =>
              mayWrite ? (
                <Button
                  look="outline"
                  size="sm"
                  aria-label={t('mapOf', { usageType: row.usageType })}
                  onClick={() => setMapping(row)}
                >
                  {t('map')}
                </Button>
              ) : (
                '—'
              ),
          },
        ]}
      />
      {mapping && <MapDialog usage={{ ...mapping, tokenKind: mapping.likelyKind }} onClose={() => setMapping(null)} />}
    </section>
  );
}
