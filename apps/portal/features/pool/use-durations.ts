'use client';

import { useTranslations } from 'use-intl';

const SECOND_MS = 1_000;
const MINUTE_S = 60;

/** A wait in words: seconds, and minutes from the first one on; a dash where nobody waits. */
export function useDurations(): (milliseconds: number | null) => string {
  const t = useTranslations('pool');
  return (milliseconds) => {
    if (milliseconds === null) return '—';
    const seconds = Math.floor(milliseconds / SECOND_MS);
    if (seconds < MINUTE_S) return t('seconds', { seconds });
    return t('minutes', { minutes: Math.floor(seconds / MINUTE_S), seconds: seconds % MINUTE_S });
  };
}
