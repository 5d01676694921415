import { Injectable } from '@nestjs/common';
import type { CrossTenantTransaction } from '#libs/database';
import type { JstMonth } from '#libs/kernel';

export const HISTORY_GROUPS = ['city', 'model', 'department'] as const;
export type HistoryGroup = (typeof HISTORY_GROUPS)[number];

/** What was used and what it cost at list price, of one group in one closed month. */
export interface HistoryPoint {
  readonly month: JstMonth;
  readonly key: string;
  readonly label: string;
  readonly calls: number;
  readonly tokens: number;
  /** Whole yen, for a chart. */
  readonly costJpy: number;
}

const GROUPS: Record<HistoryGroup, { key: string; label: string }> = {
  city: { key: 'u.tenant_id::text', label: 't.name' },
  model: { key: 'u.model', label: 'u.model' },
  department: { key: `coalesce(u.department_id::text, '')`, label: `coalesce(d.name, '')` },
};

/** Courses over months, from what the closes have counted. */
@Injectable()
export class UsageHistory {
  /** The ten groups that cost most in these months, month by month. Cities of the vendor, or one city's departments. */
  read(
    tx: CrossTenantTransaction,
    { from, to, groupBy, cityId }: { from: JstMonth; to: JstMonth; groupBy: HistoryGroup; cityId?: string | undefined },
  ): Promise<HistoryPoint[]> {
    const { key, label } = GROUPS[groupBy];
    return tx.query<HistoryPoint>(
      `WITH points AS (
         SELECT to_char(u.month, 'YYYY-MM') AS month, ${key} AS key, ${label} AS label, sum(u.calls) AS calls,
           sum(u.input_tokens + u.output_tokens + u.cache_read_tokens + u.cache_write_tokens) AS tokens,
           sum((u.input_tokens * p.input_price + u.output_tokens * p.output_price
             + u.cache_read_tokens * p.cache_read_price + u.cache_write_tokens * p.cache_write_price)
             * 0.000001 * coalesce(f.jpy_per_usd, 1)) AS cost
         FROM period_usage u
         JOIN tenants t ON t.id = u.tenant_id
         JOIN model_prices p ON p.id = u.price_id
         LEFT JOIN fx_rates f ON f.id = u.fx_rate_id
         LEFT JOIN departments d ON d.tenant_id = u.tenant_id AND d.id = u.department_id
         WHERE u.month BETWEEN $1 AND $2 AND ($3::uuid IS NULL OR u.tenant_id = $3)
         GROUP BY 1, 2, 3),
       largest AS (SELECT key FROM points GROUP BY key ORDER BY sum(cost) DESC, key LIMIT 10)
       SELECT month, key, label, calls::float8 AS calls, tokens::float8 AS tokens, floor(cost)::float8 AS "costJpy"
       FROM points WHERE key IN (SELECT key FROM largest) ORDER BY month, key`,
      [`${from}-01`, `${to}-01`, cityId ?? null],
    );
  }
}
