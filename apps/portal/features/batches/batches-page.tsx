'use client';

import Link from 'next/link';
import { useTranslations } from 'use-intl';
import { type ListedBatch, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { buttonClass } from '../../components/button.tsx';
import type { Column } from '../../components/data-table.tsx';
import { Meter } from '../../components/meter.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { usePages } from '../../components/use-pages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { useNetworkRules } from '../session/network-rules.ts';
import { toneOf } from './tone-of.ts';
import { BATCHES_KEY, endedRows } from './use-batch.ts';

const REFRESH_MS = 10_000;
/** Ended, and yet somebody has to look. */
const WITHOUT_ANSWER = [
  { rows: 'failed', tone: 'red' },
  { rows: 'cancelled', tone: 'neutral' },
] as const;

export function BatchesPage() {
  const t = useTranslations('batches');
  const { attachments } = useNetworkRules();
  const batches = usePages(
    BATCHES_KEY,
    (cursor, signal) => unwrap(api.GET('/api/v1/batches', { params: { query: { cursor, limit: 20 } }, signal })),
    REFRESH_MS,
  );
  return (
    <>
      <PageHeader
        title={t('title')}
        lead={t('lead')}
        actions={
          attachments && (
            <Link href="/batches/new" className={buttonClass()}>
              {t('new')}
            </Link>
          )
        }
      />
      <ResourceTable
        caption={t('title')}
        query={batches}
        rows={batches.rows}
        rowKey={({ id }) => id}
        columns={useBatchColumns()}
        empty={t('empty')}
      />
    </>
  );
}

function useBatchColumns(): Column<ListedBatch>[] {
  const t = useTranslations('batches');
  const { number, time } = useFormats();
  return [
    {
      key: 'name',
      header: t('file'),
      isHeader: true,
      isProse: true,
      cell: ({ id, name, handedOverFrom }) => (
        <>
          <Link href={`/batches/${id}`} className="text-key-900 underline underline-offset-4">
            {name}
          </Link>
          {handedOverFrom && (
            <span className="block text-dns-14N-130 text-solid-gray-700">
              {t('handedOverFrom', { name: handedOverFrom })}
            </span>
          )}
        </>
      ),
    },
    {
      key: 'state',
      header: t('state'),
      cell: (batch) => <Badge tone={toneOf(batch)}>{t(`states.${batch.state}`)}</Badge>,
    },
    { key: 'rows', header: t('rowCount'), numeric: true, cell: ({ rowCount }) => number(rowCount) },
    {
      key: 'progress',
      header: t('progress'),
      cell: (batch) =>
        batch.state !== 'draft' && (
          <>
            <Meter
              label={t('progressOf', { name: batch.name })}
              value={endedRows(batch)}
              max={batch.rowCount}
              neutral
              text={t('progressText', { ended: number(endedRows(batch)), total: number(batch.rowCount) })}
            />
            <span className="mt-2 flex flex-wrap gap-2 empty:hidden">
              {WITHOUT_ANSWER.filter(({ rows }) => batch.counts[rows] > 0).map(({ rows, tone }) => (
                <Badge key={rows} tone={tone}>
                  {t('rowsIn', { state: t(`rowStates.${rows}`), count: number(batch.counts[rows]) })}
                </Badge>
              ))}
            </span>
          </>
        ),
    },
    { key: 'createdAt', header: t('updated'), cell: ({ createdAt }) => time(createdAt) },
  ];
}
