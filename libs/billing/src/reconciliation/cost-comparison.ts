import { Injectable } from '@nestjs/common';
import type { Transaction } from '#libs/database';
import { Clock } from '#libs/kernel';
import { type UtcMonth, firstOf, utcMonthRange } from './utc-month.ts';

/**
 * Which model a line of the report is about. A mapping for its product goes before one for any. `l` is a cost_report_lines;
 * `m.model` is null where no mapping names it.
 */
export const MAPPED = `
  LEFT JOIN LATERAL (
    SELECT model, token_kind FROM usage_type_models WHERE usage_type = l.usage_type AND product_code IN (l.product_code, '')
    ORDER BY product_code DESC LIMIT 1) m ON true`;

/**
 * Our side: one GROUP BY over the month's usage. By recorded_at, the instant a call was over: accepted work may wait for
 * hours, and what is recorded once stays, so that our side of a past month never moves. The pool remembers deployments that
 * are no longer configured; usage of models outside it, taken in from files, is on another bill. What cities used that have been
 * removed since still counts.
 */
const TAKE_USAGE = `
  INSERT INTO reconciled_usage (month, day, model, region, deployment_id, simulated, calls, unrated_calls, tokens, usd)
  SELECT $1, u.day, u.model, d.region, u.deployment_id, d.simulated, sum(u.calls),
    coalesce(sum(u.calls) FILTER (WHERE p.currency IS DISTINCT FROM 'USD'), 0),
    sum(u.input_tokens + u.output_tokens + u.cache_read_tokens + u.cache_write_tokens),
    coalesce(sum((u.input_tokens * p.input_price + u.output_tokens * p.output_price + u.cache_read_tokens * p.cache_read_price
      + u.cache_write_tokens * p.cache_write_price) * 0.000001) FILTER (WHERE p.currency = 'USD'), 0)
  FROM (
    SELECT (recorded_at AT TIME ZONE 'UTC')::date AS day, model, deployment_id, price_id, count(*) AS calls,
      sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens, sum(cache_read_tokens) AS cache_read_tokens,
      sum(cache_write_tokens) AS cache_write_tokens
    FROM usage_records WHERE recorded_at >= $2 AND recorded_at < $3 GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT day, model, deployment_id, price_id, calls, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens
    FROM removed_usage WHERE day >= $1 AND day < ($1::date + interval '1 month')) u
  JOIN pool_deployments d ON d.id = u.deployment_id AND d.provider = 'bedrock'
  LEFT JOIN model_prices p ON p.id = u.price_id
  GROUP BY 2, 3, 4, 5, 6`;

/**
 * A simulated model is compared only when the report names it: a real bill never does. Variances that were once found
 * stay, at zero if need be, because entries may hang on them.
 */
const COMPARE = `
  WITH provider AS (
    SELECT coalesce(m.model, '') AS model, l.region, sum(l.usd) AS usd
    FROM cost_reports r JOIN cost_report_lines l ON l.report_id = r.id ${MAPPED}
    WHERE r.month = $1 AND r.replaced_at IS NULL GROUP BY 1, 2),
  sides AS (
    SELECT model, region, usd AS provider_usd, 0 AS our_usd FROM provider
    UNION ALL
    SELECT model, region, 0, usd FROM reconciled_usage
    WHERE month = $1 AND (NOT simulated OR model IN (SELECT model FROM provider))
    UNION ALL
    SELECT model, region, 0, 0 FROM variances WHERE month = $1)
  INSERT INTO variances (id, month, model, region, provider_usd, our_usd, compared_at)
  SELECT gen_random_uuid(), $1, model, region, sum(provider_usd), sum(our_usd), $2 FROM sides GROUP BY model, region
  ON CONFLICT (month, model, region) DO UPDATE SET provider_usd = EXCLUDED.provider_usd, our_usd = EXCLUDED.our_usd,
    compared_at = EXCLUDED.compared_at`;

/** Puts the provider's bill of a month and our usage side by side. It reads usage and never changes it. */
@Injectable()
export class CostComparison {
  constructor(private readonly clock: Clock) {}

  /** One at a time for a month, from here to the commit. */
  async lock(tx: Transaction, month: UtcMonth): Promise<void> {
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`moyai.reconciliation ${month}`]);
  }

  /** Under {@link lock}: takes our side anew and finds the variances. Entries stay; what they do not cover is open. */
  async compare(tx: Transaction, month: UtcMonth): Promise<void> {
    await this.takeUsage(tx, month);
    await this.rematch(tx, month);
  }

  /** Under {@link lock}: sums up our side of the month. */
  async takeUsage(tx: Transaction, month: UtcMonth): Promise<void> {
    const { start, end } = utcMonthRange(month);
    await tx.query('DELETE FROM reconciled_usage WHERE month = $1', [firstOf(month)]);
    await tx.query(TAKE_USAGE, [firstOf(month), start, end]);
  }

  /** Under {@link lock}: finds the variances anew, after a mapping has changed. */
  async rematch(tx: Transaction, month: UtcMonth): Promise<void> {
    await tx.query(COMPARE, [firstOf(month), this.clock.now()]);
  }
}
