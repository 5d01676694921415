'use client';

import { useDeferredValue, useState } from 'react';
import { useTranslations } from 'use-intl';
import { type AuditEntry, unwrap } from '#libs/api-client';
import { Badge, type BadgeTone } from '../../components/badge.tsx';
import type { Column } from '../../components/data-table.tsx';
import { SelectField, TextField } from '../../components/field.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { usePages } from '../../components/use-pages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { AUDIT_ACTIONS } from './audit-actions.ts';

const OUTCOME_TONES: Record<AuditEntry['outcome'], BadgeTone> = { success: 'green', refused: 'yellow', failed: 'red' };

export function AuditPage() {
  const t = useTranslations('audit');
  const [filter, setFilter] = useState({ action: '', from: '', to: '' });
  const { action, from, to } = useDeferredValue(filter);
  const query = { action: action || undefined, from: from || undefined, to: to || undefined };
  const entries = usePages(['audit', query], (cursor, signal) =>
    unwrap(api.GET('/api/v1/audit-entries', { params: { query: { ...query, cursor } }, signal })),
  );
  const set = (name: keyof typeof filter) => (event: { target: { value: string } }) =>
    setFilter({ ...filter, [name]: event.target.value });

  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} />
      <search className="grid max-w-3xl grid-cols-1 gap-4 sm:grid-cols-3">
        <SelectField
          label={t('action')}
          value={filter.action}
          onChange={set('action')}
          placeholder={t('anyAction')}
          choices={AUDIT_ACTIONS.map((value) => ({ value, label: t(`actions.${value}`) }))}
        />
        <TextField label={t('from')} type="date" value={filter.from} onChange={set('from')} />
        <TextField label={t('to')} type="date" value={filter.to} onChange={set('to')} />
      </search>
      <ResourceTable
        caption={t('title')}
        query={entries}
        rows={entries.rows}
        rowKey={({ sequence }) => String(sequence)}
        columns={useAuditColumns()}
        empty={t('empty')}
      />
    </>
  );
}

function useAuditColumns(): Column<AuditEntry>[] {
  const t = useTranslations('audit');
  const segments = useTranslations('segments');
  const { number, exactTime } = useFormats();
  return [
    { key: 'sequence', header: t('sequence'), numeric: true, isHeader: true, cell: ({ sequence }) => number(sequence) },
    {
      key: 'occurredAt',
      header: t('occurredAt'),
      cell: ({ occurredAt }) => <time dateTime={occurredAt}>{exactTime(occurredAt)}</time>,
    },
    { key: 'actor', header: t('actor'), cell: ({ actor }) => actor.label ?? actor.type },
    { key: 'action', header: t('action'), cell: ({ action }) => <Action code={action} /> },
    {
      key: 'outcome',
      header: t('outcome'),
      cell: ({ outcome }) => <Badge tone={OUTCOME_TONES[outcome]}>{t(`outcomes.${outcome}`)}</Badge>,
    },
    { key: 'segment', header: t('segment'), cell: ({ segment }) => (segment ? segments(segment) : '—') },
    { key: 'details', header: t('details'), isProse: true, cell: (entry) => <Details entry={entry} /> },
  ];
}

/** An action in words, with its code for those who compare it with the exported trail. */
function Action({ code }: { code: string }) {
  const t = useTranslations('audit');
  const known = AUDIT_ACTIONS.find((action) => action === code);
  return (
    <span className="flex flex-col">
      {known && <span>{t(`actions.${known}`)}</span>}
      <code className="font-mono text-mono-14N-150 text-solid-gray-700">{code}</code>
    </span>
  );
}

function Details({ entry: { subject, details } }: { entry: AuditEntry }) {
  const t = useTranslations('audit');
  const facts = [...(subject ? [[subject.type, subject.id]] : []), ...Object.entries(details)];
  if (facts.length === 0) return '—';
  return (
    <details>
      <summary className="text-key-900 underline">{t('show')}</summary>
      <dl className="mt-2 grid grid-cols-[auto_1fr] gap-x-3 gap-y-1 font-mono text-mono-14N-150">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-solid-gray-700">{name}</dt>
            <dd className="break-all">{typeof value === 'object' ? JSON.stringify(value) : String(value)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
