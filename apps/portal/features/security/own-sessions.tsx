'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import type { OpenSession } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import type { Column } from '../../components/data-table.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { type Plane, SECURITY } from './security-api.ts';

/** Where one is signed in, and the end of what one does not recognise. */
export function OwnSessions({ plane }: { plane: Plane }) {
  const t = useTranslations('security');
  const formats = useFormats();
  const client = useQueryClient();
  const calls = SECURITY[plane];
  const queryKey = ['own-sessions', plane];
  const sessions = useQuery({ queryKey, queryFn: calls.sessions });
  const end = useMutation({
    mutationFn: async (id: string | null): Promise<void> => {
      await (id === null ? calls.endOthers() : calls.endSession(id));
    },
    onSettled: () => client.invalidateQueries({ queryKey }),
  });
  const items = sessions.data?.items ?? [];
  const columns: Column<OpenSession>[] = [
    {
      key: 'browser',
      header: t('browser'),
      isHeader: true,
      cell: ({ isCurrent }) => t(isCurrent ? 'thisBrowser' : 'otherBrowser'),
    },
    { key: 'openedAt', header: t('openedAt'), cell: ({ openedAt }) => formats.time(openedAt) },
    { key: 'lastSeenAt', header: t('lastSeenAt'), cell: ({ lastSeenAt }) => formats.time(lastSeenAt) },
    {
      key: 'actions',
      header: t('actions'),
      isActions: true,
      cell: ({ id, isCurrent }) =>
        isCurrent ? null : (
          <Button look="outline" size="sm" inactive={end.isPending} onClick={() => end.mutate(id)}>
            {t('endSession')}
          </Button>
        ),
    },
  ];
  return (
    <section className="flex flex-col gap-4">
      <div className="flex flex-wrap items-end justify-between gap-3">
        <h2 className="text-std-20B-150">{t('sessions')}</h2>
        {items.length > 1 && (
          <Button look="outline" size="sm" inactive={end.isPending} onClick={() => end.mutate(null)}>
            {t('endOthers')}
          </Button>
        )}
      </div>
      <p>{t(plane === 'city' ? 'sessionsLead' : 'vendorSessionsLead')}</p>
      {end.error && <ProblemNotice error={end.error} />}
      <ResourceTable
        caption={t('sessions')}
        query={sessions}
        rows={items}
        rowKey={({ id }) => id}
        columns={columns}
        empty={t('noSessions')}
      />
    </section>
  );
}
