'use client';

import { useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type RosterCalendarEntry, unwrap } from '#libs/api-client';
import { Badge, type BadgeTone } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import type { Column } from '../../components/data-table.tsx';
import { Named } from '../../components/named.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { usePages } from '../../components/use-pages.ts';
import { MEMBERS_KEY } from '../members/member-dialogs.tsx';
import { can } from '../session/access.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { useSignedIn } from '../session/city-shell.tsx';

const CALENDAR_KEY = ['roster-calendar'] as const;
const TONES: Record<RosterCalendarEntry['kind'], BadgeTone> = {
  added: 'green',
  moved: 'blue',
  changed: 'yellow',
  disabled: 'red',
  'rights-end': 'purple',
};

/** Day by day, what happens to whom. What is to come can be withdrawn: rights that end here, imports where they are. */
export function Calendar({ when }: { when: 'upcoming' | 'past' }) {
  const t = useTranslations('transfers');
  const common = useTranslations('common');
  const mayWrite = can(useSignedIn(), 'member:write');
  const [asked, setAsked] = useState<RosterCalendarEntry | null>(null);
  const entries = usePages([...CALENDAR_KEY, when], (cursor, signal) =>
    unwrap(api.GET('/api/v1/roster-calendar', { params: { query: { when, cursor } }, signal })),
  );
  const actions: Column<RosterCalendarEntry> = {
    key: 'actions',
    header: common('actions'),
    isActions: true,
    cell: (entry) =>
      entry.importId ? (
        <Link href={`/admin/members/import/${entry.importId}`} className="text-key-900 underline underline-offset-4">
          {t('toPlan')}
        </Link>
      ) : (
        <Button
          look="outline"
          size="sm"
          aria-label={t('keepRightsOf', { name: entry.displayName })}
          onClick={() => setAsked(entry)}
        >
          {t('keepRights')}
        </Button>
      ),
  };
  const columns = useCalendarColumns();
  return (
    <section className="flex flex-col gap-3">
      <p className="text-std-16N-170">{t(`calendarLead.${when}`)}</p>
      <ResourceTable
        caption={t(`tabs.${when}`)}
        query={entries}
        rows={entries.rows}
        rowKey={({ on, kind, loginId, importId, toDepartment }) =>
          [on, kind, loginId, importId, toDepartment].join(' ')
        }
        columns={mayWrite && when === 'upcoming' ? [...columns, actions] : columns}
        empty={t(`calendarEmpty.${when}`)}
      />
      {asked && <KeepRightsDialog entry={asked} onClose={() => setAsked(null)} />}
    </section>
  );
}

function KeepRightsDialog({ entry, onClose }: { entry: RosterCalendarEntry; onClose: () => void }) {
  const t = useTranslations('transfers');
  const client = useQueryClient();
  const { day } = useFormats();
  const { memberId, displayName: name, on } = entry;
  const keep = async () => {
    const params = { path: { id: memberId ?? '' } };
    await unwrap(api.PATCH('/api/v1/members/{id}', { params, body: { lastDay: null } }));
    void client.invalidateQueries({ queryKey: MEMBERS_KEY });
    await client.invalidateQueries({ queryKey: CALENDAR_KEY });
  };
  return (
    <ConfirmDialog
      title={t('keepRightsOf', { name })}
      confirmLabel={t('keepRights')}
      onConfirm={keep}
      onClose={onClose}
    >
      {t('keepRightsLead', { name, day: day(on) })}
    </ConfirmDialog>
  );
}

function useCalendarColumns(): Column<RosterCalendarEntry>[] {
  const t = useTranslations('transfers');
  const { day } = useFormats();
  const departments = ({ fromDepartment: from, toDepartment: to }: RosterCalendarEntry) =>
    from && to && from !== to ? t('fromTo', { from, to }) : (to ?? from ?? '—');
  return [
    { key: 'on', header: t('day'), cell: ({ on }) => day(on) },
    {
      key: 'name',
      header: t('who'),
      isHeader: true,
      cell: ({ displayName, loginId }) => <Named name={displayName} code={loginId} />,
    },
    { key: 'kind', header: t('what'), cell: ({ kind }) => <Badge tone={TONES[kind]}>{t(`kinds.${kind}`)}</Badge> },
    { key: 'department', header: t('department'), isProse: true, cell: departments },
  ];
}
