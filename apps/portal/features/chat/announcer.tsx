'use client';

import { useTranslations } from 'use-intl';
import type { LiveJob } from './live-job.ts';

/** Says the turns of the road aloud, politely: queued, started, ended. Never the text itself, token by token. */
export function Announcer({ job }: { job: LiveJob }) {
  const t = useTranslations('chat');
  const isWriting = job.status === 'running' && job.answer !== '';
  return (
    <span role="status" className="sr-only">
      {isWriting ? t('writing') : t(`announce.${job.status}`)}
    </span>
  );
}
