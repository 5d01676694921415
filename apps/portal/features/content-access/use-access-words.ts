'use client';

import { useTranslations } from 'use-intl';
import type { ContentAccess } from '#libs/api-client';
import type { BadgeTone } from '../../components/badge.tsx';
import { useFormats } from '../../i18n/use-formats.ts';

export const ACCESS_TONES: Record<ContentAccess['state'], BadgeTone> = {
  asked: 'yellow',
  approved: 'red',
  refused: 'neutral',
  lapsed: 'neutral',
  ended: 'neutral',
};

type Shared = Pick<
  ContentAccess,
  'segment' | 'conversationId' | 'jobId' | 'state' | 'lapsesAt' | 'endsAt' | 'endedAt' | 'endedBy' | 'decidedAt'
>;

/** What both planes say of an access: how far it reaches, and where its course stands. */
export function useAccessWords() {
  const t = useTranslations('contentAccess');
  const segments = useTranslations('segments');
  const { time } = useFormats();
  return {
    reach: ({ segment, conversationId, jobId }: Shared): string => {
      const segmentName = segments(segment);
      if (conversationId) return t('reachConversation', { segment: segmentName, id: conversationId });
      return jobId ? t('reachJob', { segment: segmentName, id: jobId }) : t('reachSegment', { segment: segmentName });
    },
    course: ({ state, lapsesAt, endsAt, endedAt, endedBy, decidedAt }: Shared): string => {
      if (state === 'asked') return t('courseAsked', { time: time(lapsesAt) });
      if (state === 'approved') return t('courseApproved', { time: time(endsAt) });
      if (state === 'lapsed') return t('courseLapsed', { time: time(lapsesAt) });
      if (state === 'refused') return t('courseRefused', { time: time(decidedAt) });
      return t(`courseEnded.${endedBy ?? 'time'}`, { time: time(endedAt ?? endsAt) });
    },
  };
}
