import { Injectable } from '@nestjs/common';
import type { Transaction } from '#libs/database';
import { type JstMonth, jstMonthRange } from '#libs/kernel';
import { Prices, costOf } from '#libs/pricing';
import { USAGE_COUNTS } from '../usage-counts.ts';
import type { InvoiceSummary } from './invoice.ts';

/** One call that an invoice bills: which, for whom, how much of what and at which price. Never what was asked. */
export interface BilledCall {
  readonly id: string;
  /** The call that this corrects: what is added to it, negative for what is taken back. Null for a call itself. */
  readonly corrects: string | null;
  readonly acceptedAt: Date;
  readonly subjectType: string;
  readonly subjectId: string;
  readonly departmentName: string | null;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly inputCharacters: number;
  readonly outputCharacters: number;
  /** As the provider reported it, or as it was estimated. */
  readonly source: 'provider' | 'estimated';
  readonly priceId: string;
  readonly fxRateId: string | null;
  readonly costJpy: string;
}

export interface CallFilter {
  readonly model?: string | undefined;
  readonly departmentId?: string | undefined;
}

const COST_DIGITS = 6;

/** Columns of a call `u` with the counts of `counted`, which is itself or what corrects it. */
const columns = (counted: 'u' | 'x'): string => `
  SELECT ${counted}.id, ${counted === 'u' ? 'NULL::uuid' : 'u.id'} AS corrects, u.accepted_at AS "acceptedAt",
    u.subject_type AS "subjectType", u.subject_id AS "subjectId", d.name AS "departmentName", u.model,
    ${USAGE_COUNTS.map(([column, name]) => `${counted}.${column}::float8 AS "${name}"`).join(', ')},
    u.source, u.price_id AS "priceId", u.fx_rate_id AS "fxRateId"`;

const page = (counted: 'u' | 'x'): string => `
    AND ($4::uuid IS NULL OR (u.accepted_at, ${counted}.id) > (SELECT accepted_at, id FROM place))
    AND ($5::text IS NULL OR u.model = $5) AND ($6::uuid IS NULL OR u.department_id = $6)
  ORDER BY u.accepted_at, ${counted}.id LIMIT $7`;

const DEPARTMENT = 'LEFT JOIN departments d ON d.tenant_id = u.tenant_id AND d.id = u.department_id';
const CORRECTED = 'usage_corrections x JOIN usage_records u ON u.tenant_id = x.tenant_id AND u.id = x.usage_record_id';

/** The days of a trial are on no invoice. */
const CHARGED = `NOT EXISTS (SELECT FROM trial_days() t
      WHERE t.tenant_id = u.tenant_id AND u.accepted_at < (t.ends_on + 1)::timestamp AT TIME ZONE 'Asia/Tokyo')`;

/** Each part is read by its own index up to the length of a page. A correction stands beside the call it corrects. */
const LIST = `
  WITH place AS (
    SELECT accepted_at, id FROM usage_records WHERE tenant_id = $1 AND id = $4
    UNION ALL
    SELECT u.accepted_at, x.id FROM ${CORRECTED} WHERE x.tenant_id = $1 AND x.id = $4)
  (${columns('u')} FROM usage_records u ${DEPARTMENT}
    WHERE u.tenant_id = $1 AND u.billing_month = $2 AND u.accepted_at >= $3 AND u.accepted_at < $8 AND ${CHARGED} ${page('u')})
  UNION ALL
  (${columns('x')} FROM ${CORRECTED} ${DEPARTMENT}
    WHERE x.tenant_id = $1 AND x.billing_month = $2 AND ${CHARGED} ${page('x')})
  ORDER BY "acceptedAt", id LIMIT $7`;

/** The calls behind an invoice's lines and what corrected them: what the usage of its document was summed from. */
@Injectable()
export class InvoiceCalls {
  constructor(private readonly prices: Prices) {}

  /** One page, oldest call first. @param after id of the last line of the page before */
  async list(
    tx: Transaction,
    { tenantId, month }: InvoiceSummary,
    { model, departmentId }: CallFilter,
    { after, limit }: { after: string | null; limit: number },
  ): Promise<BilledCall[]> {
    const prices = await this.prices.load(tx);
    const since = await this.earliestOf(tx, tenantId, month);
    const rows = await tx.query<Omit<BilledCall, 'costJpy'>>(LIST, [
      tenantId,
      `${month}-01`,
      since,
      after,
      model ?? null,
      departmentId ?? null,
      limit,
      jstMonthRange(month).end,
    ]);
    return rows.map((row) => ({
      ...row,
      costJpy: costOf(row, prices.price(row.priceId), prices.fxRate(row.fxRateId)).costJpy.toFixed(COST_DIGITS),
    }));
  }

  /** Where to begin in the index by time: what came late was accepted in an earlier month. */
  private async earliestOf(tx: Transaction, tenantId: string, month: JstMonth): Promise<Date> {
    const [row] = await tx.query<{ month: string | null }>(
      `SELECT to_char(min(accepted_month), 'YYYY-MM') AS month FROM period_usage WHERE tenant_id = $1 AND month = $2`,
      [tenantId, `${month}-01`],
    );
    return jstMonthRange(row?.month ?? month).start;
  }
}
