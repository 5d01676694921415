import type { CrossTenantTransaction } from '#libs/database';
import type { JstMonth } from '#libs/kernel';
import { type PriceTable, costOf } from '#libs/pricing';
import type { RatedUsage } from '../charge.ts';

/** Summed usage of one city, as the close has counted it. */
interface UsageRow extends Omit<RatedUsage, 'cost' | 'costJpy'> {
  readonly tenantId: string;
}

const COLUMNS = `tenant_id AS "tenantId", to_char(accepted_month, 'YYYY-MM') AS "acceptedMonth",
  stretch_from::text AS "stretchFrom", department_id AS "departmentId", model, price_id AS "priceId",
  fx_rate_id AS "fxRateId", calls::float8 AS calls, input_tokens::float8 AS "inputTokens",
  output_tokens::float8 AS "outputTokens", cache_read_tokens::float8 AS "cacheReadTokens",
  cache_write_tokens::float8 AS "cacheWriteTokens", input_characters::float8 AS "inputCharacters",
  output_characters::float8 AS "outputCharacters"`;

export type UsageByCity = ReadonlyMap<string, readonly RatedUsage[]>;

const rated = (rows: readonly UsageRow[], prices: PriceTable): UsageByCity =>
  Map.groupBy(
    rows.map((row) => Object.assign(row, costOf(row, prices.price(row.priceId), prices.fxRate(row.fxRateId)))),
    ({ tenantId }) => tenantId,
  );

/** What a month bills of some cities, in the order of the lines. */
export async function usageBilledIn(
  tx: CrossTenantTransaction,
  prices: PriceTable,
  month: JstMonth,
  tenantIds: readonly string[],
): Promise<UsageByCity> {
  const rows = await tx.query<UsageRow>(
    `SELECT ${COLUMNS} FROM period_usage WHERE month = $1 AND tenant_id = ANY ($2) ORDER BY tenant_id, line`,
    [`${month}-01`, tenantIds],
  );
  return rated(rows, prices);
}

/** What one city's use of a month was billed for by the months before `month`, late use and corrections included. */
export async function usageBilledBefore(
  tx: CrossTenantTransaction,
  prices: PriceTable,
  { tenantId, acceptedMonth, month }: { tenantId: string; acceptedMonth: JstMonth; month: JstMonth },
): Promise<readonly RatedUsage[]> {
  const rows = await tx.query<UsageRow>(
    `SELECT ${COLUMNS} FROM period_usage WHERE tenant_id = $1 AND accepted_month = $2 AND month < $3
     ORDER BY month, line`,
    [tenantId, `${acceptedMonth}-01`, `${month}-01`],
  );
  return rated(rows, prices).get(tenantId) ?? [];
}
