import { Temporal } from 'temporal-polyfill';
import type { JstMonth } from '#libs/kernel';
import type { ContractMonth } from '../charge.ts';

/** JST days of a city: from the first one to before `until`. */
export interface Gap {
  readonly tenantId: string;
  readonly from: string;
  readonly until: string;
}

const after = (day: string): string => Temporal.PlainDate.from(day).add({ days: 1 }).toString();

/** The days of a month on which cities have no contract. */
export function uncoveredDays(
  month: JstMonth,
  cities: readonly string[],
  contracts: readonly ContractMonth[],
): readonly Gap[] {
  const first = `${month}-01`;
  const end = Temporal.PlainDate.from(first).add({ months: 1 }).toString();
  const covered = Map.groupBy(contracts, ({ tenantId }) => tenantId as string);
  return cities.flatMap((tenantId) => {
    const stretches = (covered.get(tenantId) ?? [])
      .flatMap((contract) => contract.stretches)
      .sort((a, b) => (a.from < b.from ? -1 : 1));
    const starts = [first, ...stretches.map(({ to }) => after(to))];
    const ends = [...stretches.map(({ from }) => from), end];
    return starts.flatMap((from, index) => (from < ends[index]! ? [{ tenantId, from, until: ends[index]! }] : []));
  });
}
