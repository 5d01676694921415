import { USAGE_COUNTS } from '../usage-counts.ts';

/** A stretch of a city's terms that begins within a month. */
export interface TermsChange {
  readonly tenantId: string;
  /** First JST day of the stretch. */
  readonly from: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

interface Statement {
  readonly sql: string;
  readonly values: unknown[];
}

/** The changes that are the nth of their city in the month. */
interface Pass {
  readonly nth: number;
  readonly changes: readonly TermsChange[];
}

/** Columns that are summed. */
export const SUMS = USAGE_COUNTS.map(([column]) => column);

const KEYS = 'tenant_id, department_id, model, price_id, fx_rate_id';

/**
 * Counts into `counted_usage` what was used in a month and is billed by it: nearly all of its rows, in one pass.
 *
 * - A table of its own, as PostgreSQL reads in parallel for CREATE TABLE AS and not for INSERT.
 * - The stretch of terms a row falls into is how many changes its city has passed by then. Each is a boolean to group by: of
 *   these alone the planner knows that they at most double the groups, and so it hashes.
 * - Sums of doubles, which each process adds up in place. A sum of bigint is a numeric, allocated, packed and unpacked for
 *   each group. They are exact below 2^53, and period_usage takes nothing beyond.
 *
 * @param changes within the month, of each city in their order
 */
export function countOwnUsage(first: string, start: Date, changes: readonly TermsChange[]): Statement {
  const values: unknown[] = [first, start];
  const parameter = (value: unknown, type: string): string => `$${values.push(value)}::${type}`;
  const passes = passesOf(changes);
  const passed = passes.map(({ nth, changes: those }) => {
    const parts = [...Map.groupBy(those, ({ startsAt }) => startsAt.getTime()).values()].map((together) => {
      const cities = together.map(({ tenantId }) => tenantId);
      const at = parameter(together[0]!.startsAt, 'timestamptz');
      return `accepted_at >= ${at} AND tenant_id = ANY (${parameter(cities, 'uuid[]')})`;
    });
    return { name: `passed_${nth}`, says: parts.join(' OR ') };
  });
  const all = passes.flatMap(({ nth, changes: those }) => those.map((change) => ({ nth, ...change })));
  const stretches = [
    parameter(
      all.map(({ tenantId }) => tenantId),
      'uuid[]',
    ),
    parameter(
      all.map(({ nth }) => nth),
      'integer[]',
    ),
    parameter(
      all.map(({ from }) => from),
      'date[]',
    ),
  ];
  const sql = `
    CREATE TEMPORARY TABLE counted_usage ON COMMIT DROP AS
    SELECT o.tenant_id, $1::date AS accepted_month, coalesce(c.stretch_from, $1) AS stretch_from, o.department_id,
      o.model, o.price_id, o.fx_rate_id, o.calls, ${SUMS.map((column) => `o.${column}`).join(', ')}
    FROM (
      SELECT ${[KEYS, ...passed.map(({ name, says }) => `${says} AS ${name}`)].join(', ')}, count(*) AS calls,
        ${SUMS.map((column) => `sum(${column}::float8)::bigint AS ${column}`).join(', ')}
      FROM usage_records WHERE billing_month = $1 AND accepted_at >= $2
      GROUP BY ${[KEYS, ...passed.map(({ name }) => name)].join(', ')}) o
    LEFT JOIN unnest(${stretches.join(', ')}) AS c (tenant_id, nth, stretch_from)
      ON c.tenant_id = o.tenant_id AND c.nth = ${['0', ...passed.map(({ name }) => `o.${name}::integer`)].join(' + ')}`;
  return { sql, values };
}

/** The first changes of all cities, the second ones, and so on. */
function passesOf(changes: readonly TermsChange[]): Pass[] {
  const byCity = [...Map.groupBy(changes, ({ tenantId }) => tenantId).values()];
  const most = Math.max(0, ...byCity.map((own) => own.length));
  return Array.from({ length: most }, (_, index) => ({
    nth: index + 1,
    changes: byCity.flatMap((own) => own[index] ?? []),
  }));
}
