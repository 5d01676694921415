import { Injectable } from '@nestjs/common';
import type { TenantTransaction } from '#libs/database';
import type { JstMonth } from '#libs/kernel';
import type { AllotmentLevel } from './allotments.ts';

/** A share of a limit that use has passed. */
export interface BudgetNotice {
  readonly id: string;
  readonly level: 'city' | AllotmentLevel;
  /** Of the department or member; null for the city. */
  readonly name: string | null;
  readonly month: JstMonth;
  readonly percent: number;
  readonly limitTokens: number;
  readonly usedTokens: number;
}

/** Who looks, and whose limits are that person's business. */
export interface NoticeReader {
  readonly memberId: string;
  /** Answers for the city's budget and for every department's. */
  readonly ofCity: boolean;
  /** Answers for those of these departments. */
  readonly departmentIds: readonly string[];
}

/**
 * Notices are written by what moves tokens or limits, in its transaction (budget_notice()); here they are read. Of a limit
 * that has moved since nothing is said, of several passed thresholds the highest.
 */
@Injectable()
export class BudgetNotices {
  unread(
    tx: TenantTransaction,
    { memberId, ofCity, departmentIds }: NoticeReader,
    month: JstMonth,
  ): Promise<BudgetNotice[]> {
    return tx.query<BudgetNotice>(
      `WITH current AS (
         SELECT DISTINCT ON (n.holder_id) n.id, n.level, n.holder_id, n.percent, n.limit_tokens,
           coalesce(a.used_tokens, b.used_tokens) AS used_tokens
         FROM budget_notices n
         JOIN budgets b ON b.tenant_id = n.tenant_id AND b.month = n.month
         LEFT JOIN budget_allotments a ON a.tenant_id = n.tenant_id AND a.holder_id = n.holder_id AND a.month = n.month
         WHERE n.month = $1 AND n.percent = ANY (b.notice_percents)
           AND n.limit_tokens = CASE n.level WHEN 'city' THEN b.limit_tokens ELSE a.limit_tokens END
           AND (n.holder_id = $2 OR n.holder_id = ANY ($4) OR ($3 AND n.level <> 'member'))
         ORDER BY n.holder_id, n.percent DESC)
       SELECT c.id, c.level, coalesce(d.name, m.display_name) AS name, to_char($1::date, 'YYYY-MM') AS month, c.percent,
         c.limit_tokens::float8 AS "limitTokens", c.used_tokens::float8 AS "usedTokens"
       FROM current c
       LEFT JOIN departments d ON c.level = 'department' AND d.id = c.holder_id
       LEFT JOIN members m ON c.level = 'member' AND m.id = c.holder_id
       WHERE NOT EXISTS (SELECT FROM budget_notice_dismissals x WHERE x.notice_id = c.id AND x.member_id = $2)
       ORDER BY array_position(ARRAY['city', 'department', 'member'], c.level), c.percent DESC, name`,
      [`${month}-01`, memberId, ofCity, departmentIds],
    );
  }

  /** For this reader alone. @returns false when there is no such notice */
  async dismiss(tx: TenantTransaction, memberId: string, noticeId: string, at: Date): Promise<boolean> {
    const found = await tx.query(
      `WITH notice AS (SELECT tenant_id, id FROM budget_notices WHERE id = $1),
       written AS (
         INSERT INTO budget_notice_dismissals (tenant_id, notice_id, member_id, dismissed_at)
         SELECT tenant_id, id, $2, $3 FROM notice ON CONFLICT DO NOTHING)
       SELECT FROM notice`,
      [noticeId, memberId, at],
    );
    return found.length === 1;
  }
}
