import { z } from 'zod';
import { CONTENT_ACCESS_STATES, type ContentAccess, contentAccessStateOf } from '#libs/jobs';
import { instant, instantOrNull, instantSchema, segmentSchema } from './wire.ts';

/** What both sides see of an access to content (内容閲覧). */
export const contentAccess = z.object({
  id: z.uuid(),
  segment: segmentSchema,
  /** At most one of them is named; without, the whole segment is meant. */
  conversationId: z.uuid().nullable(),
  jobId: z.uuid().nullable(),
  reason: z.string(),
  ticket: z.string(),
  minutes: z.int(),
  state: z.enum(CONTENT_ACCESS_STATES),
  askedBy: z.string(),
  askedAt: instantSchema,
  /** Unanswered until then, the request is none any more. */
  lapsesAt: instantSchema,
  decidedAt: instantSchema.nullable(),
  decisionNote: z.string().nullable(),
  endsAt: instantSchema.nullable(),
  endedAt: instantSchema.nullable(),
  /** Who ended it before its time; null when time did. */
  endedBy: z.enum(['city', 'vendor']).nullable(),
});

export const presentContentAccess = (access: ContentAccess, now: Date): z.infer<typeof contentAccess> => ({
  id: access.id,
  segment: access.segment,
  conversationId: access.conversationId,
  jobId: access.jobId,
  reason: access.reason,
  ticket: access.ticket,
  minutes: access.minutes,
  state: contentAccessStateOf(access, now),
  askedBy: access.askedBy,
  askedAt: instant(access.askedAt),
  lapsesAt: instant(access.lapsesAt),
  decidedAt: instantOrNull(access.decidedAt),
  decisionNote: access.decisionNote,
  endsAt: instantOrNull(access.endsAt),
  endedAt: instantOrNull(access.endedAt),
  endedBy: access.endedBy,
});
