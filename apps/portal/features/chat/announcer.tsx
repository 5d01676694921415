'use client';

import { useTranslations } from 'use-intl';
import { type LiveJob, isRunning } from './live-job.ts';

/** Says the turns of the road aloud, politely: queued, started, ended. Never the text itself, token by token. */
export function Announcer({ job }: { job: LiveJob }) {
  const t = useTranslations('chat');
  return (
    <span role="status" className="sr-only">
      {isRunning(job) && job.isLost ? t('announce.lost') : t(`announce.${stageOf(job)}`)}
    </span>
  );
}

function stageOf({ status, answer, finishReason }: LiveJob) {
  if (status === 'running' && answer) return 'writing';
  if (finishReason === 'length') return 'cutOff';
  return finishReason === 'content_filter' ? 'filtered' : status;
}
