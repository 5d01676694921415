import type { CrossTenantTransaction } from '#libs/database';
import type { JstMonth } from '#libs/kernel';
import { type PriceTable, costOf } from '#libs/pricing';
import type { RatedUsage } from '../charge.ts';

/** Summed usage, as the close has counted it. */
type Counted = Omit<RatedUsage, 'cost' | 'costJpy'>;

const COLUMNS: Record<keyof Counted, string> = {
  acceptedMonth: `to_char(accepted_month, 'YYYY-MM')`,
  stretchFrom: 'stretch_from',
  departmentId: 'department_id',
  model: 'model',
  priceId: 'price_id',
  fxRateId: 'fx_rate_id',
  calls: 'calls',
  inputTokens: 'input_tokens',
  outputTokens: 'output_tokens',
  cacheReadTokens: 'cache_read_tokens',
  cacheWriteTokens: 'cache_write_tokens',
  inputCharacters: 'input_characters',
  outputCharacters: 'output_characters',
};

/** No name of a model has it; were there one, its city would be refused below. */
const UNIT_SEPARATOR = '\u001f';

/** The lines of a city, a text for each column: read so they take a third of the time that a row for each takes. */
type CityColumns = Readonly<Record<keyof Counted | 'tenantId', string>>;

const BY_CITY = `
  SELECT tenant_id AS "tenantId",
    ${Object.entries(COLUMNS)
      .map(
        ([name, column]) =>
          `string_agg(coalesce(${column}::text, ''), '${UNIT_SEPARATOR}' ORDER BY month, line) AS "${name}"`,
      )
      .join(', ')}
  FROM period_usage u`;

/** Counted, and never charged: the days of a trial. They have the first of their month for a stretch, and no contract yet. */
const CHARGED = `NOT EXISTS (
    SELECT FROM trial_days() t WHERE t.tenant_id = u.tenant_id AND u.stretch_from <= t.ends_on)`;

export type UsageByCity = ReadonlyMap<string, readonly RatedUsage[]>;

const rated = (cities: readonly CityColumns[], prices: PriceTable): UsageByCity =>
  new Map(cities.map((city) => [city.tenantId, ratedLines(city, prices)]));

function ratedLines(city: CityColumns, prices: PriceTable): RatedUsage[] {
  const calls = city.calls.split(UNIT_SEPARATOR).map(Number);
  const texts = (name: keyof Counted): string[] => {
    const column = city[name].split(UNIT_SEPARATOR);
    if (column.length !== calls.length) throw new Error(`city ${city.tenantId}: ${name} is not one a line`);
    return column;
  };
  const counts = (name: keyof Counted): number[] => texts(name).map(Number);
  const acceptedMonths = texts('acceptedMonth');
  const stretches = texts('stretchFrom');
  const departments = texts('departmentId');
  const models = texts('model');
  const priceIds = texts('priceId');
  const fxRateIds = texts('fxRateId');
  const inputTokens = counts('inputTokens');
  const outputTokens = counts('outputTokens');
  const cacheReadTokens = counts('cacheReadTokens');
  const cacheWriteTokens = counts('cacheWriteTokens');
  const inputCharacters = counts('inputCharacters');
  const outputCharacters = counts('outputCharacters');
  return calls.map((_, line) => {
    const price = prices.price(priceIds[line]!);
    const fxRate = prices.fxRate(fxRateIds[line]! || null);
    const tokens = {
      inputTokens: inputTokens[line]!,
      outputTokens: outputTokens[line]!,
      cacheReadTokens: cacheReadTokens[line]!,
      cacheWriteTokens: cacheWriteTokens[line]!,
    };
    const { cost, costJpy } = costOf(tokens, price, fxRate);
    return {
      acceptedMonth: acceptedMonths[line]!,
      stretchFrom: stretches[line]!,
      departmentId: departments[line]! || null,
      model: models[line]!,
      priceId: price.id,
      fxRateId: fxRate?.id ?? null,
      calls: calls[line]!,
      ...tokens,
      inputCharacters: inputCharacters[line]!,
      outputCharacters: outputCharacters[line]!,
      cost,
      costJpy,
    };
  });
}

/** What a month bills of some cities, in the order of the lines. */
export async function usageBilledIn(
  tx: CrossTenantTransaction,
  prices: PriceTable,
  month: JstMonth,
  tenantIds: readonly string[],
): Promise<UsageByCity> {
  const cities = await tx.query<CityColumns>(
    `${BY_CITY} WHERE month = $1 AND tenant_id = ANY ($2) AND ${CHARGED} GROUP BY tenant_id`,
    [`${month}-01`, tenantIds],
  );
  return rated(cities, prices);
}

/** What one city's use of a month was billed for by the months before `month`, late use and corrections included. */
export async function usageBilledBefore(
  tx: CrossTenantTransaction,
  prices: PriceTable,
  { tenantId, acceptedMonth, month }: { tenantId: string; acceptedMonth: JstMonth; month: JstMonth },
): Promise<readonly RatedUsage[]> {
  const cities = await tx.query<CityColumns>(
    `${BY_CITY} WHERE tenant_id = $1 AND accepted_month = $2 AND month < $3 AND ${CHARGED} GROUP BY tenant_id`,
    [tenantId, `${acceptedMonth}-01`, `${month}-01`],
  );
  return rated(cities, prices).get(tenantId) ?? [];
}
