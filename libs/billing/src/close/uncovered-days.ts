import { Temporal } from 'temporal-polyfill';
import type { JstMonth } from '#libs/kernel';

/** JST days of a city that a contract or a trial covers, both included. */
export interface CoveredDays {
  readonly tenantId: string;
  readonly from: string;
  readonly to: string;
}

/** What two people agreed to, or a trial: the same to whoever asks (docs/decisions/0046). */
export const COVERED_DAYS = `
  SELECT tenant_id AS "tenantId", day_from::text AS "from", day_to::text AS "to" FROM covered_days($1)`;

/** JST days of a city: from the first one to before `until`. */
export interface Gap {
  readonly tenantId: string;
  readonly from: string;
  readonly until: string;
}

const after = (day: string): string => Temporal.PlainDate.from(day).add({ days: 1 }).toString();

/** The days of a month on which cities have neither a contract nor a trial. */
export function uncoveredDays(
  month: JstMonth,
  cities: readonly string[],
  coverage: readonly CoveredDays[],
): readonly Gap[] {
  const first = `${month}-01`;
  const end = Temporal.PlainDate.from(first).add({ months: 1 }).toString();
  const covered = Map.groupBy(coverage, ({ tenantId }) => tenantId);
  return cities.flatMap((tenantId) => {
    const stretches = (covered.get(tenantId) ?? []).sort((a, b) => (a.from < b.from ? -1 : 1));
    const starts = [first, ...stretches.map(({ to }) => after(to))];
    const ends = [...stretches.map(({ from }) => from), end];
    return starts.flatMap((from, index) => (from < ends[index]! ? [{ tenantId, from, until: ends[index]! }] : []));
  });
}
