'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type BillingPeriodDetail, unwrap } from '#libs/api-client';
import { Banner } from '../../components/banner.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Meter } from '../../components/meter.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { can } from '../session/access.ts';
import { api } from '../session/api.ts';
import { useVendorMe } from '../session/use-session.ts';
import { PERIODS_KEY, usePeriod } from './use-periods.ts';

/** The month whose turn it is: what is missing and what to do about it, the close, and how far it is. */
export function ClosePanel({ month, onBegun }: { month: string; onBegun: (month: string) => void }) {
  const t = useTranslations('periods');
  const { month: nameOf } = useFormats();
  const me = useVendorMe().data;
  const client = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const { data: period, error, refetch } = usePeriod(month);
  const begin = async () => {
    await unwrap(api.POST('/api/finance/v1/periods/{month}/close', { params: { path: { month } } }));
    onBegun(month);
    await client.invalidateQueries({ queryKey: PERIODS_KEY });
  };
  return (
    <section
      aria-label={t('panel', { month: nameOf(month) })}
      className="flex flex-col gap-4 rounded-8 border border-solid-gray-300 p-6"
    >
      <h2 className="text-std-20B-150">{t('panel', { month: nameOf(month) })}</h2>
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!period && !error && <Skeleton rows={3} />}
      {period?.state === 'open' && <Faults faults={period.faults} />}
      {period?.state === 'closing' && <Progress period={period} />}
      {period && (period.state === 'open' || isStopped(period)) && me && can(me, 'period:close') && (
        <Button className="w-fit" inactive={period.faults.length > 0} onClick={() => setAsking(true)}>
          {t(period.state === 'closing' ? 'goOn' : 'close')}
        </Button>
      )}
      {isAsking && (
        <ConfirmDialog
          title={t('closeTitle', { month: nameOf(month) })}
          confirmLabel={t('close')}
          onConfirm={begin}
          onClose={() => setAsking(false)}
        >
          {t('closeLead')}
        </ConfirmDialog>
      )}
    </section>
  );
}

/** A close that goes on by itself needs nobody. */
const isStopped = ({ state, fault }: BillingPeriodDetail): boolean => state === 'closing' && fault !== null;

function Faults({ faults }: { faults: BillingPeriodDetail['faults'] }) {
  const t = useTranslations('periods');
  if (faults.length === 0) return <p className="text-std-16N-170">{t('ready')}</p>;
  return (
    <ul className="flex flex-col gap-3">
      {faults.map(({ code, count, examples }) => (
        <li key={code}>
          <Banner tone="warning" title={t(`faults.${code}`, { count })}>
            <p>{t(`remedies.${code}`)}</p>
            {examples.length > 0 && <p className="text-dns-14N-130">{examples.join('、')}</p>}
          </Banner>
        </li>
      ))}
    </ul>
  );
}

function Progress({ period }: { period: BillingPeriodDetail }) {
  const t = useTranslations('periods');
  const { number } = useFormats();
  const { phase, done, total, fault } = period;
  return (
    <>
      <Meter
        label={t('progress')}
        value={Math.min(done, total)}
        max={Math.max(total, 1)}
        neutral
        text={
          phase === 'counting'
            ? t('counting')
            : t('drafting', { done: number(Math.min(done, total)), total: number(total) })
        }
      />
      {fault && (
        <Banner tone="error" title={t('stopped')}>
          <p>{fault}</p>
        </Banner>
      )}
    </>
  );
}
