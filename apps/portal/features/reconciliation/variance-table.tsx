'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Variance } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { useAccountant, useUsd } from './use-reconciliation.ts';
import { type EntryAct, VarianceDialogs } from './variance-dialogs.tsx';

/** What the provider charged against ours, by model and region, with who accounts for the rest. */
export function VarianceTable({ rows }: { rows: readonly Variance[] }) {
  const t = useTranslations('reconciliation');
  const [act, setAct] = useState<EntryAct | null>(null);
  const columns = useVarianceColumns(setAct);
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-std-20B-150">{t('variances')}</h2>
      <DataTable caption={t('variances')} rows={rows} rowKey={({ id }) => id} columns={columns} />
      {act && <VarianceDialogs act={act} onClose={() => setAct(null)} />}
    </section>
  );
}

function useVarianceColumns(onAct: (act: EntryAct) => void): Column<Variance>[] {
  const t = useTranslations('reconciliation');
  const common = useTranslations('common');
  const usd = useUsd();
  return [
    {
      key: 'model',
      header: t('model'),
      isHeader: true,
      cell: ({ model, region }) => (
        <span className="flex flex-col">
          {model ?? t('unmappedModel')}
          <span className="text-dns-14N-130 text-solid-gray-700">{region || t('noRegion')}</span>
        </span>
      ),
    },
    { key: 'provider', header: t('provider'), numeric: true, cell: ({ providerUsd }) => usd(providerUsd) },
    { key: 'ours', header: t('ours'), numeric: true, isProse: true, cell: (variance) => <Ours {...variance} /> },
    { key: 'difference', header: t('difference'), numeric: true, cell: ({ differenceUsd }) => usd(differenceUsd) },
    { key: 'open', header: t('openColumn'), numeric: true, cell: ({ openUsd }) => usd(openUsd) },
    { key: 'entries', header: t('entries'), isProse: true, cell: ({ entries }) => <Entries entries={entries} /> },
    {
      key: 'actions',
      header: common('actions'),
      isActions: true,
      cell: (variance) => <Acts variance={variance} onAct={onAct} />,
    },
  ];
}

/** Ours, and what each deployment has of it: the bill knows only the model and the region. */
function Ours({ ourUsd, deployments }: Variance) {
  const t = useTranslations('reconciliation');
  const usd = useUsd();
  const { number } = useFormats();
  return (
    <span className="flex flex-col items-end">
      {usd(ourUsd)}
      {deployments.map(({ id, usd: part, calls, unratedCalls }) => (
        <span key={id} className="text-dns-14N-130 text-solid-gray-700">
          {t('deployment', { id, usd: usd(part), calls: number(calls) })}
          {unratedCalls > 0 && t('unrated', { count: unratedCalls })}
        </span>
      ))}
    </span>
  );
}

function Entries({ entries }: Pick<Variance, 'entries'>) {
  const t = useTranslations('reconciliation');
  const usd = useUsd();
  if (entries.length === 0) return '—';
  return (
    <ul className="flex flex-col gap-2">
      {entries.map(({ id, kind, usd: amount, explanation, proposedBy, approvedBy }) => (
        <li key={id} className="flex flex-col gap-1">
          <span className="flex flex-wrap items-center gap-2">
            <Badge tone={approvedBy ? 'green' : 'yellow'}>{t(approvedBy ? 'approved' : 'proposed')}</Badge>
            {t('entry', { kind: t(`kinds.${kind}`), usd: usd(amount) })}
          </span>
          <span className="break-words">{explanation}</span>
          <span className="text-dns-14N-130 text-solid-gray-700">
            {approvedBy ? t('byTwo', { proposedBy, approvedBy }) : t('byOne', { proposedBy })}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Acts({ variance, onAct }: { variance: Variance; onAct: (act: EntryAct) => void }) {
  const t = useTranslations('reconciliation');
  const { id, mayWrite, mayApprove } = useAccountant();
  const name = `${variance.model ?? t('unmappedModel')} ${variance.region}`;
  const proposed = variance.entries.find(({ approvedAt }) => approvedAt === null);
  const acts: [EntryAct['kind'], boolean][] = [
    ['account', mayWrite && !proposed && Number(variance.openUsd) !== 0],
    ['approve', mayApprove && proposed !== undefined && proposed.proposedById !== id],
    ['withdraw', mayWrite && proposed !== undefined],
  ];
  const offered = acts.filter(([, isOffered]) => isOffered);
  if (offered.length === 0) return '—';
  return (
    <span className="flex gap-2">
      {offered.map(([kind]) => (
        <Button
          key={kind}
          look={kind === 'withdraw' ? 'text' : 'outline'}
          size="sm"
          aria-label={t(`${kind}Of`, { name })}
          onClick={() => onAct({ kind, variance, entry: proposed })}
        >
          {t(kind)}
        </Button>
      ))}
    </span>
  );
}
