import { Injectable } from '@nestjs/common';
import type { Transaction } from '#libs/database';
import { type JstMonth, jstMonthRange } from '#libs/kernel';
import { Prices, costOf } from '#libs/pricing';
import type { InvoiceSummary } from './invoice.ts';

/** One call that an invoice bills: which, for whom, how much of what and at which price. Never what was asked. */
export interface BilledCall {
  readonly id: string;
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

/** The calls behind an invoice's lines: what the usage of its document was summed from. */
@Injectable()
export class InvoiceCalls {
  constructor(private readonly prices: Prices) {}

  /** One page, oldest first. @param after id of the last call of the page before */
  async list(
    tx: Transaction,
    { tenantId, month }: InvoiceSummary,
    { model, departmentId }: CallFilter,
    { after, limit }: { after: string | null; limit: number },
  ): Promise<BilledCall[]> {
    const prices = await this.prices.load(tx);
    const since = await this.earliestOf(tx, tenantId, month);
    const rows = await tx.query<Omit<BilledCall, 'costJpy'>>(
      `SELECT u.id, u.accepted_at AS "acceptedAt", u.subject_type AS "subjectType", u.subject_id AS "subjectId",
         d.name AS "departmentName", u.model, u.input_tokens::float8 AS "inputTokens",
         u.output_tokens::float8 AS "outputTokens", u.cache_read_tokens::float8 AS "cacheReadTokens",
         u.cache_write_tokens::float8 AS "cacheWriteTokens", u.input_characters::float8 AS "inputCharacters",
         u.output_characters::float8 AS "outputCharacters", u.source, u.price_id AS "priceId", u.fx_rate_id AS "fxRateId"
       FROM usage_records u LEFT JOIN departments d ON d.tenant_id = u.tenant_id AND d.id = u.department_id
       WHERE u.tenant_id = $1 AND u.billing_month = $2 AND u.accepted_at >= $3 AND u.accepted_at < $4
         AND ($5::uuid IS NULL OR (u.accepted_at, u.id) > (SELECT accepted_at, id FROM usage_records
                                                           WHERE tenant_id = $1 AND id = $5))
         AND ($6::text IS NULL OR u.model = $6) AND ($7::uuid IS NULL OR u.department_id = $7)
       ORDER BY u.accepted_at, u.id LIMIT $8`,
      [tenantId, `${month}-01`, since, jstMonthRange(month).end, after, model ?? null, departmentId ?? null, limit],
    );
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
