'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type ContentAccess, type ContentReading, unwrap } from '#libs/api-client';
import type { Column } from '../../components/data-table.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';

const REFRESH_MS = 2_000;

/** What was read under one access, out of the city's audit trail: as it happens, while the access lasts. */
export function Readings({ access: { id, ticket, state } }: { access: ContentAccess }) {
  const t = useTranslations('contentAccess');
  const readings = useQuery({
    queryKey: ['content-readings', id],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/v1/content-accesses/{id}/readings', { params: { path: { id } }, signal })),
    refetchInterval: state === 'approved' ? REFRESH_MS : false,
  });
  return (
    <section className="flex flex-col gap-4" aria-live="polite">
      <h2 className="text-std-20B-150">{t('readingsOf', { ticket })}</h2>
      <ResourceTable
        caption={t('readingsOf', { ticket })}
        query={readings}
        rows={readings.data?.items ?? []}
        rowKey={({ sequence }) => String(sequence)}
        columns={useReadingColumns()}
        empty={t('readingsEmpty')}
      />
    </section>
  );
}

function useReadingColumns(): Column<ContentReading>[] {
  const t = useTranslations('contentAccess');
  const { exactTime, number } = useFormats();
  return [
    { key: 'at', header: t('readAt'), isHeader: true, cell: ({ at }) => exactTime(at) },
    { key: 'kind', header: t('readWhat'), cell: ({ kind, jobs }) => t(`kinds.${kind}`, { jobs }) },
    { key: 'subject', header: t('readId'), cell: ({ subjectId }) => subjectId ?? '—' },
    { key: 'sequence', header: t('readSequence'), cell: ({ sequence }) => number(sequence) },
  ];
}
