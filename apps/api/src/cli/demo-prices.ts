import type { INestApplicationContext } from '@nestjs/common';
import { Temporal } from 'temporal-polyfill';
import { FinanceDatabase } from '#libs/database';
import { Clock, fiscalYearOf, jstDayOf, jstDayRange } from '#libs/kernel';
import { ModelPool } from '#libs/model-pool';
import { ExactDecimal, FxBook, PriceBook, type TokenPrices, type Vendor } from '#libs/pricing';

const SOURCE = 'デモ用の料金表（2026年半ばの見積り。実際の料金ではありません）';
const FX_SOURCE = 'デモ用の公示仲値（実際の為替ではありません）';

/** Dollars per million tokens in and out. */
const DOLLARS: Readonly<Record<string, readonly [number, number]>> = {
  'claude-opus-4.8': [5.5, 27.5],
  'claude-sonnet-4.6': [3.3, 16.5],
  'claude-haiku-4.5': [1.1, 5.5],
  'nova-lite': [0.072, 0.288],
  'nova-2-lite': [0.396, 3.311],
};
/** Yen per million tokens in and out: what running a model of one's own comes to. */
const OWN_MODEL = [40, 120] as const;
const NEXT_SONNET = [3, 15] as const;
/** Of the first day of each month, April first. */
const JPY_PER_USD = [151.35, 149.8, 147.92, 146.25, 148.6, 150.44, 149.1, 152.3, 154.05, 153.2, 151.9, 150.7];

const pricesOf = (currency: TokenPrices['currency'], [input, output]: readonly [number, number]): TokenPrices => ({
  currency,
  input: new ExactDecimal(input),
  output: new ExactDecimal(output),
  cacheRead: new ExactDecimal(input).times(0.1),
  cacheWrite: new ExactDecimal(input).times(1.25),
});

interface People {
  readonly proposer: Vendor;
  readonly approver: Vendor;
}

/**
 * Prices for every model this product may be started with, rates since April, and one proposal that waits for a second
 * person. Does nothing where there is a price already.
 */
export async function seedPrices(app: INestApplicationContext, { proposer, approver }: People): Promise<void> {
  const [prices, rates, now] = [app.get(PriceBook), app.get(FxBook), app.get(Clock).now()];
  const april = Temporal.PlainDate.from({ year: fiscalYearOf(now), month: 4, day: 1 });
  const today = Temporal.PlainDate.from(jstDayOf(now));
  const startOf = (day: Temporal.PlainDate) => jstDayRange(day.toString(), day.toString()).start;

  await app.get(FinanceDatabase).run(async (tx) => {
    if ((await prices.list(tx)).length > 0) return;
    const months = april.until(today, { largestUnit: 'months' }).months;
    // Latest first: what begins in the past is only let in where nothing applied before it.
    for (let month = months; month >= 0; month -= 1) {
      const rate = {
        jpyPerUsd: new ExactDecimal(JPY_PER_USD[month]!),
        validFrom: startOf(april.add({ months: month })),
        source: FX_SOURCE,
      };
      await rates.approve(tx, approver, (await rates.propose(tx, proposer, rate)).id);
    }
    const propose = (model: string, tokenPrices: TokenPrices, from: Temporal.PlainDate) =>
      prices.propose(tx, proposer, {
        ...tokenPrices,
        model,
        validFrom: startOf(from),
        source: SOURCE,
        served: true,
        isNewModel: true,
      });
    for (const [model, tokenPrices] of allPrices(app.get(ModelPool)))
      await prices.approve(tx, approver, (await propose(model, tokenPrices, april)).id);
    const nextMonth = today.with({ day: 1 }).add({ months: 1 });
    await propose('claude-sonnet-4.6', pricesOf('USD', NEXT_SONNET), nextMonth);
  });
}

/** By model: what the list has, and for whatever else is served, which only a server of one's own can be, a price in yen. */
function allPrices(pool: ModelPool): Map<string, TokenPrices> {
  const own = pool.deployments.map(({ model }) => [model, pricesOf('JPY', OWN_MODEL)] as const);
  const listed = Object.entries(DOLLARS).map(([model, perMillion]) => [model, pricesOf('USD', perMillion)] as const);
  return new Map([...own, ...listed]);
}
