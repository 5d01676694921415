'use client';

import { useFormatter, useTranslations } from 'use-intl';
import type { LiveJob } from './live-job.ts';

const SECOND_MS = 1000;
const MINUTE_S = 60;

/** Where the job stands in the line and about how long it will take; in words, also for those who do not see motion. */
export function WaitingNotice({ job }: { job: LiveJob }) {
  const t = useTranslations('chat');
  const words = useWaitingWords(job);
  return (
    <div
      data-testid="waiting"
      className="flex w-fit flex-wrap items-center gap-x-3 gap-y-1 rounded-8 bg-solid-gray-50 px-4 py-2 text-dns-16N-130"
    >
      <span aria-hidden="true" className="flex gap-1">
        {[0, 1, 2].map((dot) => (
          <span key={dot} className="size-2 animate-pulse rounded-full bg-key-800" />
        ))}
      </span>
      <span>{words}</span>
      {job.status === 'queued' && !job.isLost && <span className="text-solid-gray-700">{t('mayLeave')}</span>}
    </div>
  );
}

function useWaitingWords({ status, position, estimatedWaitMs, answer, isLost }: LiveJob): string {
  const t = useTranslations('chat');
  const format = useFormatter();
  if (isLost) return t('lost');
  if (status === 'running') return answer ? t('writing') : t('thinking');
  const place = position ? t('position', { position: format.number(position) }) : t('soon');
  if (!estimatedWaitMs || estimatedWaitMs < SECOND_MS) return place;
  const seconds = Math.ceil(estimatedWaitMs / SECOND_MS);
  const wait =
    seconds < MINUTE_S ? t('waitSeconds', { seconds }) : t('waitMinutes', { minutes: Math.ceil(seconds / MINUTE_S) });
  return place + wait;
}
