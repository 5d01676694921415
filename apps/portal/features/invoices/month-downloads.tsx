'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type InvoiceArchive, unwrap } from '#libs/api-client';
import { Banner } from '../../components/banner.tsx';
import { Button, buttonClass } from '../../components/button.tsx';
import { Meter } from '../../components/meter.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';

const WHILE_RUNNING_MS = 1_000;
const PATH = '/api/finance/v1/periods/{month}/archive';

/** What was issued for a month, to all cities at once. For the vendor. */
export function MonthDownloads({ month }: { month: string }) {
  const t = useTranslations('invoiceDownloads');
  return (
    <section aria-label={t('ofMonth')} className="flex flex-col gap-4 rounded-8 border border-solid-gray-300 p-6">
      <h2 className="text-std-18B-160">{t('ofMonth')}</h2>
      <a href={`/api/finance/v1/periods/${month}/focus.csv`} download className={`${buttonClass('outline')} w-fit`}>
        {t('focus')}
      </a>
      <MonthArchive month={month} />
    </section>
  );
}

/** The PDF of all of them in one file: asked for, followed while it is printed, cancelled or taken out. */
function MonthArchive({ month }: { month: string }) {
  const t = useTranslations('invoiceDownloads');
  const { number } = useFormats();
  const client = useQueryClient();
  const key = ['invoice-archive', month];
  const params = { path: { month } };
  const archive = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => (await unwrap(api.GET(PATH, { params, signal }))).archive,
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? WHILE_RUNNING_MS : false),
  });
  const begin = useMutation({
    mutationFn: () => unwrap(api.PUT(PATH, { params })),
    onSuccess: (begun) => client.setQueryData(key, begun),
  });
  const cancel = useMutation({
    mutationFn: () => unwrap(api.DELETE(PATH, { params })),
    onSuccess: () => client.setQueryData(key, null),
  });
  /** What was said of the press before is over. */
  const act = (wanted: typeof begin | typeof cancel) => {
    begin.reset();
    cancel.reset();
    wanted.mutate();
  };
  const one = archive.data;
  const state = one?.state ?? 'none';
  return (
    <>
      {archive.error && <ProblemNotice error={archive.error} onRetry={() => void archive.refetch()} />}
      {begin.error && <ProblemNotice error={begin.error} />}
      {cancel.error && <ProblemNotice error={cancel.error} />}
      {one?.state === 'running' && (
        <Meter
          neutral
          label={t('progress')}
          value={one.done}
          max={one.total}
          text={t('printed', {
            done: number(one.done),
            total: number(one.total),
            percent: number(Math.floor((one.done / Math.max(one.total, 1)) * 100)),
          })}
        />
      )}
      {one?.state === 'failed' && (
        <Banner tone="error" title={t('failed')}>
          <p>{one.fault}</p>
        </Banner>
      )}
      {one?.state === 'ready' && <ReadyArchive archive={one} />}
      {one !== undefined && (
        <div className="flex flex-wrap gap-3">
          {state === 'running' ? (
            <Button look="outline" inactive={cancel.isPending} onClick={() => act(cancel)}>
              {t('cancel')}
            </Button>
          ) : (
            <Button look="outline" inactive={begin.isPending} onClick={() => act(begin)}>
              {t(state === 'none' ? 'prepare' : 'prepareAgain')}
            </Button>
          )}
        </div>
      )}
      <p role="status" className="text-std-16N-170 text-solid-gray-700">
        {one !== undefined && t(`archiveNote.${state}`)}
      </p>
    </>
  );
}

function ReadyArchive({ archive: { month, total, expiresAt } }: { archive: InvoiceArchive }) {
  const t = useTranslations('invoiceDownloads');
  const { number, time } = useFormats();
  return (
    <div className="flex flex-wrap items-center gap-3">
      <a href={`/api/finance/v1/periods/${month}/documents.zip`} download className={buttonClass('solid')}>
        {t('archive', { total: number(total) })}
      </a>
      <span>{t('until', { time: time(expiresAt) })}</span>
    </div>
  );
}
