'use client';

import { useTranslations } from 'use-intl';
import type { PoolLane } from '#libs/api-client';
import { DataTable } from '../../components/data-table.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { useDurations } from './use-durations.ts';

/** Who waits, by lane, in the order in which lanes are served. */
export function LaneTable({ lanes, running }: { lanes: readonly PoolLane[]; running: number }) {
  const t = useTranslations('pool');
  const { number } = useFormats();
  const duration = useDurations();
  return (
    <>
      <DataTable
        caption={t('lanes')}
        rows={lanes}
        rowKey={({ lane }) => lane}
        columns={[
          { key: 'lane', header: t('lane'), isHeader: true, cell: ({ lane }) => t(`laneNames.${lane}`) },
          { key: 'waiting', header: t('waiting'), numeric: true, cell: ({ waiting }) => number(waiting) },
          {
            key: 'oldest',
            header: t('oldestWait'),
            numeric: true,
            cell: ({ waiting, oldestWaitMs }) =>
              waiting > 0 && oldestWaitMs === null ? t('unknownWait') : duration(oldestWaitMs),
          },
        ]}
      />
      <p className="text-std-16N-170">{t('running', { jobs: running })}</p>
    </>
  );
}
