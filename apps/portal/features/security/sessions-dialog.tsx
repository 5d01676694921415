'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type OpenSession, unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import type { Column } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import type { Plane } from './security-api.ts';

const CALLS = {
  city: {
    list: (id: string) => unwrap(api.GET('/api/v1/members/{id}/sessions', { params: { path: { id } } })),
    end: (id: string) => unwrap(api.DELETE('/api/v1/members/{id}/sessions', { params: { path: { id } } })),
  },
  vendor: {
    list: (id: string) => unwrap(api.GET('/api/ops/v1/vendor-users/{id}/sessions', { params: { path: { id } } })),
    end: (id: string) => unwrap(api.DELETE('/api/ops/v1/vendor-users/{id}/sessions', { params: { path: { id } } })),
  },
} as const;

interface SessionsDialogProps {
  plane: Plane;
  person: { id: string; displayName: string };
  onClose: () => void;
}

/** Where somebody else is signed in, and the end of it: for a lost device, or an account that another person uses. */
export function SessionsDialog({ plane, person, onClose }: SessionsDialogProps) {
  const t = useTranslations('security');
  const common = useTranslations('common');
  const { time } = useFormats();
  const sessions = useQuery({
    queryKey: ['sessions-of', plane, person.id],
    queryFn: () => CALLS[plane].list(person.id),
  });
  const end = useMutation({
    mutationFn: async (): Promise<void> => {
      await CALLS[plane].end(person.id);
    },
    onSettled: () => sessions.refetch(),
  });
  const items = sessions.data?.items ?? [];
  const columns: Column<OpenSession>[] = [
    { key: 'openedAt', header: t('openedAt'), isHeader: true, cell: ({ openedAt }) => time(openedAt) },
    { key: 'lastSeenAt', header: t('lastSeenAt'), cell: ({ lastSeenAt }) => time(lastSeenAt) },
  ];
  return (
    <Dialog title={t('sessionsOf', { name: person.displayName })} onClose={onClose}>
      <p>{t(plane === 'city' ? 'sessionsOfMemberLead' : 'sessionsOfVendorLead')}</p>
      {end.error && <ProblemNotice error={end.error} />}
      <ResourceTable
        caption={t('sessions')}
        query={sessions}
        rows={items}
        rowKey={({ id }) => id}
        columns={columns}
        empty={t('noSessions')}
      />
      <div className="flex flex-wrap justify-end gap-3">
        <Button look="outline" onClick={onClose}>
          {common('close')}
        </Button>
        {items.length > 0 && (
          <Button look="danger" inactive={end.isPending} onClick={() => end.mutate()}>
            {t('endAll')}
          </Button>
        )}
      </div>
    </Dialog>
  );
}
