'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type DataExport, unwrap } from '#libs/api-client';
import { Badge, type BadgeTone } from '../../components/badge.tsx';
import { Button, buttonClass } from '../../components/button.tsx';
import type { Column } from '../../components/data-table.tsx';
import { Meter } from '../../components/meter.tsx';
import { Named } from '../../components/named.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { can } from '../session/access.ts';
import { api } from '../session/api.ts';
import { useSignedIn } from '../session/city-shell.tsx';
import { useNetworkRules } from '../session/network-rules.ts';
import { useAttemptKey } from '../session/use-attempt-key.ts';
import { useRowProgress } from './use-row-progress.ts';

const REFRESH_MS = 5_000;
const TONES: Record<DataExport['state'], BadgeTone> = {
  queued: 'yellow',
  running: 'blue',
  ready: 'green',
  failed: 'red',
  expired: 'neutral',
};

/** All that the city has on this network, as an archive: made on request, followed and fetched here. */
export function DataExports() {
  const t = useTranslations('exit');
  const me = useSignedIn();
  const attempt = useAttemptKey();
  const exports = useQuery({
    queryKey: ['data-exports'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/data-exports', { signal })),
    refetchInterval: REFRESH_MS,
  });
  const rows = exports.data?.items ?? [];
  const isUnderWay = rows.some(({ state, exitId }) => exitId === null && (state === 'queued' || state === 'running'));
  const request = useMutation({
    mutationFn: () =>
      unwrap(api.POST('/api/v1/data-exports', { params: { header: { 'Idempotency-Key': attempt.keyOf({}) } } })),
    onSuccess: () => {
      attempt.spend();
      return exports.refetch();
    },
  });
  return (
    <section className="flex flex-col gap-4">
      <h2 className="text-std-20B-150">{t('exports')}</h2>
      <p className="max-w-[48rem]">{t('exportsLead')}</p>
      {can(me, 'data-export:write') && (
        <Button
          className="w-fit"
          inactive={exports.isPending || request.isPending || isUnderWay}
          onClick={() => request.mutate()}
        >
          {t(isUnderWay ? 'exportUnderWay' : 'requestExport')}
        </Button>
      )}
      {request.error && <ProblemNotice error={request.error} />}
      <ResourceTable
        caption={t('exports')}
        query={exports}
        rows={rows}
        rowKey={({ id }) => id}
        columns={useExportColumns()}
        empty={t('exportsEmpty')}
      />
    </section>
  );
}

function useExportColumns(): Column<DataExport>[] {
  const t = useTranslations('exit');
  const common = useTranslations('common');
  const { size, time } = useFormats();
  const { takeOut } = useNetworkRules();
  const progress = useRowProgress();
  return [
    {
      key: 'requestedAt',
      header: t('requestedAt'),
      isHeader: true,
      cell: ({ requestedAt, exitId }) => <Named name={time(requestedAt)} code={t(exitId ? 'ofExit' : 'ofRequest')} />,
    },
    {
      key: 'state',
      header: t('state'),
      cell: ({ state }) => <Badge tone={TONES[state]}>{t(`exportStates.${state}`)}</Badge>,
    },
    {
      key: 'progress',
      header: t('progress'),
      // Of how many rows is known once they are counted
      cell: ({ state, done, total, requestedAt }) =>
        state === 'queued' ? (
          '—'
        ) : (
          <Meter
            neutral
            label={t('progressOf', { time: time(requestedAt) })}
            value={done}
            max={total}
            text={progress(done, total)}
          />
        ),
    },
    { key: 'bytes', header: t('bytes'), numeric: true, cell: ({ bytes }) => (bytes > 0 ? size(bytes) : '—') },
    { key: 'expiresAt', header: t('expiresAt'), cell: ({ expiresAt }) => time(expiresAt) },
    {
      key: 'actions',
      header: common('actions'),
      isActions: true,
      cell: ({ id, state, requestedAt }) => {
        if (state !== 'ready') return '—';
        if (!takeOut.export) return t('takeOutRefused');
        return (
          <a
            href={`/api/v1/data-exports/${id}/archive`}
            download
            aria-label={t('downloadOf', { time: time(requestedAt) })}
            className={buttonClass('outline', 'sm')}
          >
            {t('download')}
          </a>
        );
      },
    },
  ];
}
