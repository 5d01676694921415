import type { Segment, TenantId } from '#libs/kernel';

/** `asked` → `approved`, `refused` or `lapsed`; `approved` → `ended`, and `asked` too when the vendor takes it back. */
export const CONTENT_ACCESS_STATES = ['asked', 'approved', 'refused', 'lapsed', 'ended'] as const;
export type ContentAccessState = (typeof CONTENT_ACCESS_STATES)[number];

/** What an access may be asked for, in minutes. */
export const CONTENT_ACCESS_MINUTES = { least: 15, most: 480 } as const;
/** A request that nobody answers is none: an approval days later would open what nobody needs any more. */
export const LAPSES_AFTER_MS = 24 * 3_600_000;

/** One of the vendor's people asks to read what a city wrote (内容閲覧), and what became of it. */
export interface ContentAccess {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly cityName: string;
  readonly cityCode: string;
  readonly segment: Segment;
  /** At most one of them; without, the whole segment. */
  readonly conversationId: string | null;
  readonly jobId: string | null;
  readonly reason: string;
  /** The incident's number in the vendor's own books. */
  readonly ticket: string;
  readonly minutes: number;
  readonly askedById: string;
  readonly askedBy: string;
  readonly askedAt: Date;
  readonly lapsesAt: Date;
  readonly decision: 'approved' | 'refused' | null;
  readonly decidedAt: Date | null;
  readonly decisionNote: string | null;
  readonly endsAt: Date | null;
  readonly endedAt: Date | null;
  readonly endedBy: 'city' | 'vendor' | null;
}

/** What both sides may know. Of the city's people the vendor learns no name. */
export const CONTENT_ACCESS_COLUMNS = `a.id, a.tenant_id AS "tenantId", t.name AS "cityName", t.code AS "cityCode", a.segment,
  a.conversation_id AS "conversationId", a.job_id AS "jobId", a.reason, a.ticket, a.minutes, a.asked_by AS "askedById",
  a.asked_by_name AS "askedBy", a.asked_at AS "askedAt", a.lapses_at AS "lapsesAt", a.decision,
  a.decided_at AS "decidedAt", a.decision_note AS "decisionNote", a.ends_at AS "endsAt", a.ended_at AS "endedAt",
  CASE WHEN a.ended_by_member IS NOT NULL THEN 'city' WHEN a.ended_by_vendor IS NOT NULL THEN 'vendor' END AS "endedBy"`;

type Course = Pick<ContentAccess, 'decision' | 'endsAt' | 'endedAt' | 'lapsesAt'>;

/** Time ends what nobody ends: an unanswered request lapses, an approved access is over at its end. */
export function stateOf({ decision, endsAt, endedAt, lapsesAt }: Course, now: Date): ContentAccessState {
  if (endedAt) return 'ended';
  if (decision === 'refused') return 'refused';
  if (decision === 'approved') return endsAt! > now ? 'approved' : 'ended';
  return lapsesAt > now ? 'asked' : 'lapsed';
}
