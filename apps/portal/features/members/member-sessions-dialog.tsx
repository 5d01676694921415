'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type Member, type OpenSession, unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import type { Column } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';

/** Where a member is signed in, and the end of it: for a lost device, or an account that somebody else uses. */
export function MemberSessionsDialog({ member, onClose }: { member: Member; onClose: () => void }) {
  const t = useTranslations('members');
  const common = useTranslations('common');
  const security = useTranslations('security');
  const { time } = useFormats();
  const params = { path: { id: member.id } };
  const sessions = useQuery({
    queryKey: ['member-sessions', member.id],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/members/{id}/sessions', { params, signal })),
  });
  const end = useMutation({
    mutationFn: () => unwrap(api.DELETE('/api/v1/members/{id}/sessions', { params })),
    onSettled: () => sessions.refetch(),
  });
  const items = sessions.data?.items ?? [];
  const columns: Column<OpenSession>[] = [
    { key: 'openedAt', header: security('openedAt'), isHeader: true, cell: ({ openedAt }) => time(openedAt) },
    { key: 'lastSeenAt', header: security('lastSeenAt'), cell: ({ lastSeenAt }) => time(lastSeenAt) },
  ];
  return (
    <Dialog title={t('sessionsOf', { name: member.displayName })} onClose={onClose}>
      <p>{t('sessionsLead')}</p>
      {end.error && <ProblemNotice error={end.error} />}
      <ResourceTable
        caption={security('sessions')}
        query={sessions}
        rows={items}
        rowKey={({ id }) => id}
        columns={columns}
        empty={security('noSessions')}
      />
      <div className="flex flex-wrap justify-end gap-3">
        <Button look="outline" onClick={onClose}>
          {common('close')}
        </Button>
        {items.length > 0 && (
          <Button look="danger" inactive={end.isPending} onClick={() => end.mutate()}>
            {t('endSessions')}
          </Button>
        )}
      </div>
    </Dialog>
  );
}
