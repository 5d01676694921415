'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type JobInReach, type JobWords, unwrap } from '#libs/api-client';
import { Banner } from '../../components/banner.tsx';
import { Button } from '../../components/button.tsx';
import type { Column } from '../../components/data-table.tsx';
import { Named } from '../../components/named.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { usePages } from '../../components/use-pages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';

/** What an access reaches; words come only when somebody asks for one job's, and the city sees which. */
export function JobsInReach({ accessId }: { accessId: string }) {
  const t = useTranslations('contentAccess');
  const [shown, setShown] = useState<string | null>(null);
  const jobs = usePages(['content-reading', accessId, 'jobs'], (cursor, signal) =>
    unwrap(
      api.GET('/api/ops/v1/content-accesses/{id}/jobs', {
        params: { path: { id: accessId }, query: { cursor, limit: 20 } },
        signal,
      }),
    ),
  );
  return (
    <>
      <ResourceTable
        caption={t('jobs')}
        query={jobs}
        rows={jobs.rows}
        rowKey={({ id }) => id}
        columns={useJobColumns(setShown)}
        empty={t('jobsEmpty')}
      />
      {shown && <Words accessId={accessId} jobId={shown} />}
    </>
  );
}

function Words({ accessId, jobId }: { accessId: string; jobId: string }) {
  const t = useTranslations('contentAccess');
  const words = useQuery({
    queryKey: ['content-reading', accessId, jobId],
    queryFn: ({ signal }) =>
      unwrap(
        api.GET('/api/ops/v1/content-accesses/{id}/jobs/{jobId}', {
          params: { path: { id: accessId, jobId } },
          signal,
        }),
      ),
    // Each reading stands in the city's trail: one is one
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    retry: false,
  });
  return (
    <section aria-label={t('wordsOf', { id: jobId })} className="flex flex-col gap-4">
      <h2 className="text-std-20B-150">{t('wordsOf', { id: jobId })}</h2>
      {words.isPending && <Skeleton rows={4} />}
      {words.error && <ProblemNotice error={words.error} />}
      {words.data && !words.data.messages && <p>{t('erased')}</p>}
      {words.data?.messages?.map(({ role, content }, index) => (
        <Passage key={`${index}-${role}`} heading={t(`roles.${role}`)} text={content} />
      ))}
      {words.data?.answer && <Passage heading={t('answer')} text={words.data.answer} />}
      {words.data?.messages && <AnswerEnd reason={words.data.finishReason} />}
    </section>
  );
}

/** As the city's own page says it. */
function AnswerEnd({ reason }: { reason: JobWords['finishReason'] }) {
  const t = useTranslations('batches');
  if (reason === 'length') return <Banner tone="warning" title={t('cutOff')} />;
  return reason === 'content_filter' && <Banner tone="warning" title={t('filtered')} />;
}

/** As plain text: what a model or a member wrote is never markup here. */
function Passage({ heading, text }: { heading: string; text: string }) {
  return (
    <div className="flex flex-col gap-2">
      <h3 className="text-std-16B-170">{heading}</h3>
      <p className="rounded-8 bg-solid-gray-50 p-4 text-std-16N-170 break-words whitespace-pre-wrap">{text}</p>
    </div>
  );
}

function useJobColumns(show: (id: string) => void): Column<JobInReach>[] {
  const t = useTranslations('contentAccess');
  const common = useTranslations('common');
  const { exactTime, number } = useFormats();
  return [
    {
      key: 'acceptedAt',
      header: t('acceptedAt'),
      isHeader: true,
      cell: ({ acceptedAt, id }) => <Named name={exactTime(acceptedAt)} code={id} />,
    },
    { key: 'status', header: t('state'), cell: ({ status }) => t(`jobStates.${status}`) },
    { key: 'errorCode', header: t('errorCode'), cell: ({ errorCode }) => errorCode ?? '—' },
    { key: 'model', header: t('model'), cell: ({ model }) => model },
    {
      key: 'bytes',
      header: t('bytes'),
      numeric: true,
      cell: ({ inputBytes, outputBytes }) => `${number(inputBytes)} / ${number(outputBytes)}`,
    },
    {
      key: 'actions',
      header: common('actions'),
      isActions: true,
      cell: ({ id }) => (
        <Button look="outline" size="sm" aria-label={t('readOf', { id })} onClick={() => show(id)}>
          {t('read')}
        </Button>
      ),
    },
  ];
}
