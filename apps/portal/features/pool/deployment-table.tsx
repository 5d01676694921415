'use client';

import { useTranslations } from 'use-intl';
import type { PoolDeployment } from '#libs/api-client';
import { Badge, type BadgeTone } from '../../components/badge.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Meter } from '../../components/meter.tsx';
import { Named } from '../../components/named.tsx';
import { useFormats } from '../../i18n/use-formats.ts';

const BREAKER_TONES: Record<PoolDeployment['breaker'], BadgeTone> = { closed: 'green', trial: 'yellow', open: 'red' };

/** What every deployment is granted, uses and has met. */
export function DeploymentTable({ deployments }: { deployments: readonly PoolDeployment[] }) {
  const t = useTranslations('pool');
  const columns = useDeploymentColumns();
  if (deployments.length === 0) return <p className="rounded-8 bg-solid-gray-50 p-8 text-center">{t('empty')}</p>;
  return <DataTable caption={t('deployments')} rows={deployments} rowKey={({ id }) => id} columns={columns} />;
}

function useDeploymentColumns(): Column<PoolDeployment>[] {
  const t = useTranslations('pool');
  const { number, percent } = useFormats();
  return [
    {
      key: 'id',
      header: t('deployment'),
      isHeader: true,
      isProse: true,
      cell: ({ id, model, region, simulated }) => (
        <Named name={id} code={[model, region, simulated && t('simulated')].filter(Boolean).join(' / ')} />
      ),
    },
    {
      key: 'state',
      header: t('state'),
      cell: ({ breaker, pace }) => (
        <span className="flex flex-col gap-1">
          <Badge tone={BREAKER_TONES[breaker]}>{t(`breakers.${breaker}`)}</Badge>
          <span className="text-dns-14N-130">{t('pace', { pace: percent(pace) })}</span>
        </span>
      ),
    },
    {
      key: 'concurrency',
      header: t('concurrency'),
      cell: ({ id, running, concurrency, headRoom }) => (
        <div className="flex flex-col gap-1">
          <Use label={t('concurrencyOf', { id })} used={running} granted={concurrency} />
          {headRoom > 0 && <span className="text-dns-14N-130">{t('headRoom', { places: headRoom })}</span>}
        </div>
      ),
    },
    {
      key: 'quota',
      header: t('quota'),
      cell: ({ id, requests, tokens }) => (
        <div className="flex flex-col gap-2">
          {requests && <Use label={t('requestsOf', { id })} unit={t('requests')} {...requests} />}
          {tokens && <Use label={t('tokensOf', { id })} unit={t('tokens')} {...tokens} />}
          {!requests && !tokens && t('noQuota')}
        </div>
      ),
    },
    {
      key: 'totals',
      header: t('totals'),
      cell: ({ admittedTotal, throttledTotal, failedTotal }) => (
        <dl className="grid grid-cols-[auto_auto] gap-x-3 gap-y-1 text-dns-14N-130">
          <Total name={t('admitted')} count={number(admittedTotal)} />
          <Total name={t('throttles')} count={number(throttledTotal)} />
          <Total name={t('failures')} count={number(failedTotal)} />
        </dl>
      ),
    },
  ];
}

function Use({ label, unit, used, granted }: { label: string; unit?: string; used: number; granted: number }) {
  const { number } = useFormats();
  const rounded = Math.round(used);
  const text = `${number(rounded)} / ${number(granted)}`;
  return <Meter label={label} value={rounded} max={granted} text={unit ? `${unit} ${text}` : text} />;
}

/** Below one another: side by side they would not fit beside the quotas. */
function Total({ name, count }: { name: string; count: string }) {
  return (
    <div className="contents">
      <dt>{name}</dt>
      <dd className="text-right tabular-nums">{count}</dd>
    </div>
  );
}
