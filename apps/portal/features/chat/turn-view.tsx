'use client';

import { useQueryClient } from '@tanstack/react-query';
import { type RefObject, memo, useDeferredValue } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { ApiProblem, type JobUsage, type Turn } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Banner } from '../../components/banner.tsx';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { PassingButton } from '../../components/passing-button.tsx';
import { ProblemNotice, useProblemWords } from '../../components/problem-notice.tsx';
import { useNetworkRules } from '../session/network-rules.ts';
import { Announcer } from './announcer.tsx';
import { useLiveJob } from './job-streams.ts';
import { type LiveJob, isRunning } from './live-job.ts';
import { Markdown } from './markdown.tsx';
import { recordEnd, useStop } from './use-chat.ts';
import { WaitingNotice } from './waiting-notice.tsx';

interface TurnViewProps {
  conversationId: string;
  turn: Turn;
  number: number;
  onRetry: (prompt: string) => void;
  /** Has the model write on where it was cut off: nothing may have come after that. */
  onGoOn: (() => void) | undefined;
  /** A question is on its way. */
  isSending: boolean;
  /** Where the next question is written. */
  area: RefObject<HTMLElement | null>;
}

/** One question with its answer, live until the job has ended. */
export const TurnView = memo(function TurnView(props: TurnViewProps) {
  const { conversationId, turn, number, onRetry, onGoOn, isSending, area } = props;
  const t = useTranslations('chat');
  const format = useFormatter();
  const client = useQueryClient();
  const job = useLiveJob(turn, (ended) => recordEnd(client, conversationId, turn.jobId, ended));
  const answer = useDeferredValue(job.answer);
  const headingId = `turn-${turn.jobId}`;

  return (
    <article
      aria-labelledby={headingId}
      data-testid="turn"
      data-status={job.status}
      aria-busy={isRunning(job)}
      className="flex flex-col gap-4"
    >
      <div className="ml-auto max-w-[min(40rem,90%)] rounded-16 bg-key-50 px-4 py-3" data-edge>
        <h2 id={headingId} className="sr-only">
          {t('question', { number })}
        </h2>
        <p className="text-std-16N-170 whitespace-pre-wrap">{turn.prompt}</p>
        <time dateTime={turn.acceptedAt} className="mt-1 block text-right text-dns-14N-130 text-solid-gray-700">
          {format.dateTime(new Date(turn.acceptedAt), { dateStyle: 'short', timeStyle: 'short' })}
        </time>
      </div>
      <div className="flex flex-col gap-3">
        <div className="flex flex-wrap items-center gap-2">
          <h3 className="text-std-16B-170">{t('answer')}</h3>
          {job.simulated && <Badge tone="yellow">{t('simulated')}</Badge>}
          {job.model && <span className="text-dns-14N-130 text-solid-gray-700">{job.model}</span>}
        </div>
        {answer && (
          <div data-testid="answer" className="text-std-16N-170">
            <Markdown text={answer} />
          </div>
        )}
        <Outcome {...{ job, onGoOn, isSending, area }} />
        <Announcer job={job} />
        <TurnActions job={job} jobId={turn.jobId} area={area} onRetry={() => onRetry(turn.prompt)} />
      </div>
    </article>
  );
});

type OutcomeProps = { job: LiveJob } & Pick<TurnViewProps, 'onGoOn' | 'isSending' | 'area'>;

/** Everything about a job that is not its text: waiting, cut off, stopped, failed. */
function Outcome({ job, onGoOn, isSending, area }: OutcomeProps) {
  const t = useTranslations('chat');
  const words = useProblemWords();
  if (job.problem) return <ProblemNotice error={job.problem} />;
  if (isRunning(job)) return <WaitingNotice job={job} />;
  if (job.status === 'cancelled' && !job.error) return <Banner tone="info" title={t('cancelled')} />;
  if (job.status === 'failed' || job.status === 'cancelled') {
    const { code, title } = job.error ?? { code: 'SYSTEM.UNEXPECTED', title: '' };
    return <Banner tone="error" title={words(new ApiProblem({ code, title, status: 0 })).title} />;
  }
  if (job.finishReason === 'length')
    return (
      <Banner
        tone="warning"
        title={t('cutOff')}
        actions={
          // Of an answer without a word nothing is sent again that could be gone on with
          job.answer &&
          onGoOn && (
            <PassingButton look="outline" size="sm" heir={area} inactive={isSending} onClick={onGoOn}>
              {t('goOn')}
            </PassingButton>
          )
        }
      />
    );
  if (job.finishReason === 'content_filter')
    return <Banner tone="warning" title={t(job.answer ? 'filtered' : 'filteredWhole')} />;
  return null;
}

interface TurnActionsProps extends Pick<TurnViewProps, 'area'> {
  job: LiveJob;
  jobId: string;
  onRetry: () => void;
}

function TurnActions({ job, jobId, area, onRetry }: TurnActionsProps) {
  const t = useTranslations('chat');
  const stop = useStop(jobId);
  const { takeOut } = useNetworkRules();
  if (isRunning(job)) {
    const isStopping = stop.isPending || stop.isSuccess;
    return (
      <>
        {stop.error && <ProblemNotice error={stop.error} />}
        <PassingButton
          look="outline"
          size="sm"
          className="self-start"
          heir={area}
          inactive={isStopping}
          onClick={() => stop.mutate()}
        >
          {isStopping ? t('stopping') : t('stop')}
        </PassingButton>
      </>
    );
  }
  return (
    <div className="flex flex-wrap items-center gap-3">
      {job.answer && takeOut.copy && <CopyButton text={job.answer} label={t('copyAnswer')} />}
      <Button look="outline" size="sm" onClick={onRetry}>
        {t('askAgain')}
      </Button>
      {job.usage && <UsageLine usage={job.usage} />}
    </div>
  );
}

function UsageLine({ usage }: { usage: JobUsage }) {
  const t = useTranslations('chat');
  const format = useFormatter();
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = usage;
  return (
    <p data-testid="turn-usage" className="text-dns-14N-130 text-solid-gray-700 tabular-nums">
      {t('usage', {
        total: format.number(inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens),
        input: format.number(inputTokens + cacheReadTokens + cacheWriteTokens),
        output: format.number(outputTokens),
      })}
    </p>
  );
}
