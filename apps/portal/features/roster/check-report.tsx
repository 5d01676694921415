'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type RosterChange, type RosterFault, type RosterImport, unwrap } from '#libs/api-client';
import { Badge, type BadgeTone } from '../../components/badge.tsx';
import { Banner } from '../../components/banner.tsx';
import { buttonClass } from '../../components/button.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { SelectField } from '../../components/field.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { RowButton } from '../../components/row-button.tsx';
import { usePages } from '../../components/use-pages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { useChangeWords } from './use-change-words.ts';
import { disablesOf, rosterKey } from './use-roster.ts';
import { WithdrawDialog } from './withdraw-dialog.tsx';

const KINDS: readonly RosterChange['kind'][] = ['added', 'moved', 'changed', 'disabled'];
const KIND_TONES: Record<RosterChange['kind'], BadgeTone> = {
  added: 'green',
  moved: 'blue',
  changed: 'yellow',
  disabled: 'red',
};
const SUBJECTS = ['department', 'member'] as const;

/** What a check found: what is wrong, or what would change. */
export function CheckReport({ found }: { found: RosterImport }) {
  const t = useTranslations('roster');
  return (
    <section className="flex flex-col gap-4">
      <h2 className="text-std-20B-150">{t('steps.check')}</h2>
      {found.faultCount > 0 ? <Faults found={found} /> : <Changes found={found} />}
    </section>
  );
}

function Faults({ found: { id, faultCount } }: { found: RosterImport }) {
  const t = useTranslations('roster');
  const { number } = useFormats();
  const faults = useQuery({
    queryKey: [...rosterKey(id), 'faults'],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/v1/roster-imports/{id}/faults', { params: { path: { id } }, signal })),
  });
  const columns: Column<RosterFault>[] = [
    { key: 'file', header: t('faultFile'), isHeader: true, cell: ({ file }) => t(`files.${file}`) },
    { key: 'row', header: t('faultRow'), numeric: true, cell: ({ row }) => row ?? '—' },
    { key: 'column', header: t('faultColumn'), cell: ({ column }) => column ?? '—' },
    { key: 'message', header: t('faultMessage'), isProse: true, cell: ({ message }) => message },
  ];
  return (
    <>
      <Banner
        tone="error"
        role="alert"
        title={t('faulty', { count: number(faultCount) })}
        actions={
          <a href={`/api/v1/roster-imports/${id}/faults.csv`} download className={buttonClass('outline', 'sm')}>
            {t('faultsCsv')}
          </a>
        }
      >
        <p>{t('faultyLead')}</p>
      </Banner>
      <ResourceTable
        caption={t('faults')}
        query={faults}
        rows={faults.data?.items ?? []}
        rowKey={(fault) => `${fault.file} ${fault.row} ${fault.column} ${fault.message}`}
        columns={columns}
        empty={t('noFaults')}
      />
    </>
  );
}

/** Counts and lines of the diff; of an import that has ended, what it changed. */
export function Changes({ found }: { found: RosterImport }) {
  const t = useTranslations('roster');
  const { number } = useFormats();
  const { id, counts } = found;
  const common = useTranslations('common');
  const [kind, setKind] = useState<RosterChange['kind'] | ''>('');
  const [withdrawn, setWithdrawn] = useState<RosterChange | null>(null);
  const wordsOf = useChangeWords();
  const changes = usePages([...rosterKey(id), 'changes', kind], (cursor, signal) =>
    unwrap(
      api.GET('/api/v1/roster-imports/{id}/changes', {
        params: { path: { id }, query: { cursor, limit: 50, kind: kind || undefined } },
        signal,
      }),
    ),
  );
  if (!counts) return null;
  const disables = disablesOf(found);
  const columns: Column<RosterChange>[] = [
    { key: 'key', header: t('key'), isHeader: true, cell: ({ key }) => key },
    {
      key: 'kind',
      header: t('kind'),
      cell: (line) => <Badge tone={KIND_TONES[line.kind]}>{t(`kinds.${line.kind}`)}</Badge>,
    },
    { key: 'words', header: t('whatChanges'), isProse: true, cell: wordsOf },
    { key: 'row', header: t('faultRow'), numeric: true, cell: ({ row }) => row ?? '—' },
  ];
  const actions: Column<RosterChange> = {
    key: 'actions',
    header: common('actions'),
    isActions: true,
    cell: (line) => (
      <RowButton
        label={t('withdrawLine')}
        name={t('withdrawLineOf', { key: line.key })}
        onPress={() => setWithdrawn(line)}
      />
    ),
  };
  const isToCome = found.state === 'planned' && found.effectiveOn !== null;
  return (
    <>
      {disables > 0 && (
        <Banner tone="warning" title={t('disablesTitle', { count: number(disables) })}>
          <p>{t('disablesLead')}</p>
        </Banner>
      )}
      <DataTable
        caption={t('countsTitle')}
        rows={SUBJECTS}
        rowKey={(subject) => subject}
        columns={[
          { key: 'subject', header: t('subject'), isHeader: true, cell: (subject) => t(`subjects.${subject}`) },
          ...([...KINDS, 'unchanged'] as const).map((one) => ({
            key: one,
            header: t(`kinds.${one}`),
            numeric: true,
            cell: (subject: (typeof SUBJECTS)[number]) => number(counts[subject][one]),
          })),
        ]}
      />
      <div className="max-w-60">
        <SelectField
          label={t('filter')}
          value={kind}
          placeholder={t('allKinds')}
          choices={KINDS.map((value) => ({ value, label: t(`kinds.${value}`) }))}
          onChange={(event) => setKind(event.target.value as RosterChange['kind'] | '')}
        />
      </div>
      <ResourceTable
        caption={t('changes')}
        query={changes}
        rows={changes.rows}
        rowKey={({ subject, key }) => `${subject} ${key}`}
        columns={isToCome ? [...columns, actions] : columns}
        empty={t('noChanges')}
      />
      {found.withdrawn.length > 0 && (
        <p>
          {t('withdrawnLines', {
            count: number(found.withdrawn.length),
            keys: found.withdrawn.map(({ key }) => key).join('、'),
          })}
        </p>
      )}
      {withdrawn && <WithdrawDialog found={found} line={withdrawn} onClose={() => setWithdrawn(null)} />}
    </>
  );
}
