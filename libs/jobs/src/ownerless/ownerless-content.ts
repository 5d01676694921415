import { Injectable } from '@nestjs/common';
import type { TenantTransaction } from '#libs/database';
import { Clock } from '#libs/kernel';

/** What is left of somebody on a network, counted and never read. */
export interface Belongings {
  readonly memberId: string;
  readonly conversations: number;
  readonly batches: number;
  readonly templates: number;
}

/** Somebody who can no longer come in on a network, and has left something there. */
export interface FormerOwner extends Belongings {
  /** Of the login id: where a page ends. */
  readonly key: string;
  readonly loginId: string;
  readonly displayName: string;
  readonly departmentName: string | null;
  readonly leftAt: Date;
  /** When the city's rule does what it says; null while it keeps. */
  readonly dueAt: Date | null;
  readonly heir: { readonly id: string; readonly displayName: string } | null;
}

interface Page {
  /** Key of the last one of the page before; '' for the first page. */
  readonly after: string;
  readonly limit: number;
  /** Only those whose day has come. */
  readonly isDue?: boolean;
  /** Only this one. */
  readonly memberId?: string;
}

const BELONGINGS = `SELECT
  (SELECT count(*)::integer FROM conversations c WHERE c.tenant_id = m.tenant_id AND c.member_id = m.id) AS conversations,
  (SELECT count(*)::integer FROM batches b WHERE b.tenant_id = m.tenant_id AND b.actor_id = m.id) AS batches,
  (SELECT count(*)::integer FROM templates t WHERE t.tenant_id = m.tenant_id AND t.member_id = m.id) AS templates`;

/** Who was disabled, whose rights ended, or who works on another network now, by whichever came first. */
const LEFT_AT = `least(
  CASE WHEN m.status = 'disabled' OR m.segment <> app_segment() THEN coalesce(m.left_at, m.updated_at) END,
  CASE WHEN m.expires_on::timestamp AT TIME ZONE 'Asia/Tokyo' <= $2 THEN m.expires_on::timestamp AT TIME ZONE 'Asia/Tokyo' END)`;

/** The manager of a department, or of the nearest one above it that has one on this network; the longest there of several. */
const HEIR = `WITH RECURSIVE above AS (
    SELECT d.id, d.parent_id, 0 AS height FROM departments d WHERE d.tenant_id = $1 AND d.id = o.department_id
    UNION ALL
    SELECT d.id, d.parent_id, a.height + 1 FROM departments d JOIN above a ON d.id = a.parent_id WHERE d.tenant_id = $1)
  SELECT h.id, h.display_name AS "displayName" FROM above a JOIN members h ON h.tenant_id = $1 AND h.department_id = a.id
  WHERE h.role = 'manager' AND member_is_present(h, $2) ORDER BY a.height, h.created_at, h.id LIMIT 1`;

const FORMER_OWNERS = `
  SELECT o."memberId", o.key, o."loginId", o."displayName", d.name AS "departmentName", o."leftAt", o.conversations, o.batches,
    o.templates, o."dueAt", CASE WHEN o.rule = 'manager' THEN (SELECT to_json(heir) FROM (${HEIR}) heir) END AS heir
  FROM (
    SELECT m.id AS "memberId", m.login_id AS "loginId", m.login_id_key AS key, m.display_name AS "displayName", m.department_id,
      left_on.at AS "leftAt", r.rule, greatest(left_on.at, r.updated_at) + make_interval(days => r.after_days) AS "dueAt",
      held.conversations, held.batches, held.templates
    FROM members m
    CROSS JOIN LATERAL (SELECT ${LEFT_AT} AS at) left_on
    CROSS JOIN LATERAL (${BELONGINGS}) held
    LEFT JOIN ownerless_rules r ON r.tenant_id = m.tenant_id AND r.rule <> 'keep'
    WHERE m.tenant_id = $1 AND NOT member_is_present(m, $2) AND held.conversations + held.batches + held.templates > 0
      AND m.login_id_key COLLATE "C" > $3 AND ($6::uuid IS NULL OR m.id = $6)
      AND ($5::boolean IS NOT TRUE OR greatest(left_on.at, r.updated_at) + make_interval(days => r.after_days) <= $2)
    ORDER BY m.login_id_key COLLATE "C" LIMIT $4
  ) o LEFT JOIN departments d ON d.tenant_id = $1 AND d.id = o.department_id
  ORDER BY o.key COLLATE "C"`;

/** Conversations, batches and templates of people who left, on the transaction's network. */
@Injectable()
export class OwnerlessContent {
  constructor(private readonly clock: Clock) {}

  /** In order of login id. */
  list(tx: TenantTransaction, { after, limit, isDue = false, memberId }: Page): Promise<FormerOwner[]> {
    const now = this.clock.now();
    return tx.query<FormerOwner>(FORMER_OWNERS, [tx.scope.tenantId, now, after, limit, isDue, memberId ?? null]);
  }

  /** What these members own here, whether they have left or not; who owns nothing is left out. */
  of(tx: TenantTransaction, memberIds: readonly string[]): Promise<Belongings[]> {
    return tx.query<Belongings>(
      `SELECT m.id AS "memberId", held.conversations, held.batches, held.templates FROM members m CROSS JOIN LATERAL (${BELONGINGS}) held
       WHERE m.tenant_id = $1 AND m.id = ANY ($2) AND held.conversations + held.batches + held.templates > 0`,
      [tx.scope.tenantId, memberIds],
    );
  }
}
