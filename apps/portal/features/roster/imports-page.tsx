'use client';

import { useMutation } from '@tanstack/react-query';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'use-intl';
import { type RosterImport, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Button, buttonClass } from '../../components/button.tsx';
import type { Column } from '../../components/data-table.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { usePages } from '../../components/use-pages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { useNetworkRules } from '../session/network-rules.ts';
import { useAttemptKey } from '../session/use-attempt-key.ts';
import { FILE_KINDS, ROSTER_KEY, STATE_TONES } from './use-roster.ts';

const REFRESH_MS = 10_000;

/** Imports that were and that are to come, and the way to a new one. */
export function RosterImportsPage() {
  const t = useTranslations('roster');
  const router = useRouter();
  const attempt = useAttemptKey();
  const { takeOut } = useNetworkRules();
  const imports = usePages(
    ROSTER_KEY,
    (cursor, signal) => unwrap(api.GET('/api/v1/roster-imports', { params: { query: { cursor, limit: 20 } }, signal })),
    REFRESH_MS,
  );
  const begin = useMutation({
    mutationFn: () =>
      unwrap(api.POST('/api/v1/roster-imports', { params: { header: { 'Idempotency-Key': attempt.keyOf({}) } } })),
    onSuccess: ({ id }) => {
      attempt.spend();
      router.push(`/admin/members/import/${id}`);
    },
  });
  return (
    <>
      <PageHeader
        title={t('title')}
        lead={t('lead')}
        actions={
          <Button inactive={begin.isPending || begin.isSuccess} onClick={() => begin.mutate()}>
            {t('begin')}
          </Button>
        }
      />
      {begin.error && <ProblemNotice error={begin.error} />}
      {takeOut.export && (
        <section className="flex flex-col gap-3">
          <h2 className="text-std-20B-150">{t('present')}</h2>
          <p className="text-std-16N-170">{t('presentLead')}</p>
          <div className="flex flex-wrap gap-3">
            {FILE_KINDS.map((kind) => (
              <a key={kind} href={`/api/v1/roster-files/${kind}`} download className={buttonClass('outline')}>
                {t(`download.${kind}`)}
              </a>
            ))}
          </div>
        </section>
      )}
      <section className="flex flex-col gap-3">
        <h2 className="text-std-20B-150">{t('history')}</h2>
        <ResourceTable
          caption={t('history')}
          query={imports}
          rows={imports.rows}
          rowKey={({ id }) => id}
          columns={useImportColumns()}
          empty={t('empty')}
        />
      </section>
    </>
  );
}

function useImportColumns(): Column<RosterImport>[] {
  const t = useTranslations('roster');
  const { day, number, time } = useFormats();
  const filesOf = ({ files }: RosterImport) =>
    FILE_KINDS.flatMap((kind) => (files[kind] ? [`${t(`files.${kind}`)}：${files[kind].name}`] : [])).join('、');
  return [
    {
      key: 'createdAt',
      header: t('createdAt'),
      isHeader: true,
      cell: ({ id, createdAt }) => (
        <Link href={`/admin/members/import/${id}`} className="text-key-900 underline underline-offset-4">
          {time(createdAt)}
        </Link>
      ),
    },
    {
      key: 'state',
      header: t('state'),
      cell: ({ state }) => <Badge tone={STATE_TONES[state]}>{t(`states.${state}`)}</Badge>,
    },
    {
      key: 'effectiveOn',
      header: t('effective'),
      cell: ({ effectiveOn, plannedAt }) => (plannedAt && !effectiveOn ? t('atOnce') : day(effectiveOn)),
    },
    { key: 'total', header: t('changes'), numeric: true, cell: ({ total }) => number(total) },
    { key: 'files', header: t('filesHeading'), isProse: true, cell: filesOf },
    { key: 'createdBy', header: t('createdBy'), cell: ({ createdBy }) => createdBy },
  ];
}
