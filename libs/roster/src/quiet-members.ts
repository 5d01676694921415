import { Injectable } from '@nestjs/common';
import type { TenantTransaction } from '#libs/database';
import { jstDayOf } from '#libs/kernel';
import { type Column, tableOf } from '#libs/spreadsheet';

/** `few`: never got past five uses. `absent`: has not used it for sixty days. Who never came is `few`. */
export const QUIET_REASONS = ['few', 'absent'] as const;
export type QuietReason = (typeof QUIET_REASONS)[number];

/** Somebody whom the service has not reached. Counts and days, never what was asked. */
export interface QuietMember {
  readonly loginId: string;
  readonly displayName: string;
  readonly departmentName: string | null;
  readonly reason: QuietReason;
  /** Pieces of work, six and more as 6. */
  readonly uses: number;
  readonly lastUsedAt: Date | null;
}

export interface QuietDepartment {
  /** Null: members of no department. */
  readonly departmentName: string | null;
  readonly members: number;
  readonly few: number;
  readonly absent: number;
}

export interface QuietQuery {
  /** Only these departments; null for all. */
  readonly departmentIds: readonly string[] | null;
  /** Login id of the last one of the page before. */
  readonly after: string;
  readonly limit: number;
  readonly now: Date;
}

const FEW_USES = 5;
const ABSENT_DAYS = 60;
/** A piece of work may have several calls: read as many as prove more than few. */
const CALLS_READ = 40;

/** Members who may use the service, each with their use. */
const JUDGED = `
  SELECT m.login_id AS "loginId", m.login_id_key AS key, m.display_name AS "displayName", d.name AS "departmentName",
    u.uses, u.last AS "lastUsedAt",
    CASE WHEN u.uses <= ${FEW_USES} THEN 'few' WHEN u.last < $2::timestamptz - interval '${ABSENT_DAYS} days' THEN 'absent' END AS reason
  FROM members m
  LEFT JOIN departments d ON d.tenant_id = m.tenant_id AND d.id = m.department_id
  CROSS JOIN LATERAL (
    SELECT least(count(DISTINCT c.subject_id), ${FEW_USES + 1})::integer AS uses, max(c.accepted_at) AS last
    FROM (SELECT r.subject_id, r.accepted_at FROM usage_records r
          WHERE r.tenant_id = m.tenant_id AND r.member_id = m.id ORDER BY r.accepted_at DESC LIMIT ${CALLS_READ}) c) u
  WHERE m.tenant_id = $1 AND m.status = 'active' AND m.role <> 'auditor'
    AND (m.expires_on IS NULL OR m.expires_on::timestamp AT TIME ZONE 'Asia/Tokyo' > $2)
    AND ($3::uuid[] IS NULL OR m.department_id = ANY ($3))`;

const COLUMNS: Column<QuietMember>[] = [
  { header: '所属', kind: 'text', of: ({ departmentName }) => departmentName },
  { header: 'ログインID', kind: 'text', of: ({ loginId }) => loginId },
  { header: '氏名', kind: 'text', of: ({ displayName }) => displayName },
  { header: '区分', kind: 'text', of: ({ reason }) => (reason === 'few' ? '5回以下' : '60日以上利用なし') },
  { header: '利用回数（6は6回以上）', kind: 'integer', of: ({ uses }) => uses },
  { header: '最終利用日', kind: 'day', of: ({ lastUsedAt }) => lastUsedAt && jstDayOf(lastUsedAt) },
];

/** Finds those who stopped, or never began, so that somebody can help them; by department, without any content. */
@Injectable()
export class QuietMembers {
  list(tx: TenantTransaction, { departmentIds, after, limit, now }: QuietQuery): Promise<QuietMember[]> {
    return tx.query<QuietMember>(
      `SELECT * FROM (${JUDGED}) j WHERE j.reason IS NOT NULL AND j.key COLLATE "C" > $4
       ORDER BY j.key COLLATE "C" LIMIT $5`,
      [tx.scope.tenantId, now, departmentIds, after, limit],
    );
  }

  /** Departments with the most of them first. */
  byDepartment(
    tx: TenantTransaction,
    { departmentIds, now }: Pick<QuietQuery, 'departmentIds' | 'now'>,
  ): Promise<QuietDepartment[]> {
    return tx.query<QuietDepartment>(
      `SELECT j."departmentName", count(*)::integer AS members, (count(*) FILTER (WHERE j.reason = 'few'))::integer AS few,
         (count(*) FILTER (WHERE j.reason = 'absent'))::integer AS absent
       FROM (${JUDGED}) j GROUP BY 1 ORDER BY count(j.reason) DESC, 1`,
      [tx.scope.tenantId, now, departmentIds],
    );
  }
}

export const quietTable = (members: readonly QuietMember[]) => tableOf('利用が進んでいない職員', COLUMNS, members);
