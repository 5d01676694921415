import type { Decimal } from 'decimal.js';
import { ExactDecimal, type FxRate, type TokenPrices } from './model-price.ts';

/** Tokens by how the provider bills them; each token is of one kind. */
export interface TokenCounts {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
}

/** What usage cost the vendor. */
export interface Cost {
  /** In the currency of the price. */
  readonly cost: Decimal;
  readonly costJpy: Decimal;
}

/** Prices as whole numbers of the smallest decimal that any of them has, and what one of these is worth for a single token. */
interface WholePrices {
  readonly input: bigint;
  readonly output: bigint;
  readonly cacheRead: bigint;
  readonly cacheWrite: bigint;
  readonly unit: Decimal;
}

/** A month has tens of thousands of sums, and few prices. */
const known = new WeakMap<TokenPrices, WholePrices>();

function wholePrices(price: TokenPrices): WholePrices {
  const there = known.get(price);
  if (there) return there;
  const { input, output, cacheRead, cacheWrite } = price;
  const decimals = Math.max(...[input, output, cacheRead, cacheWrite].map((one) => one.decimalPlaces()));
  const whole = (one: Decimal): bigint => BigInt(one.times(`1e${decimals}`).toFixed());
  const prices = {
    input: whole(input),
    output: whole(output),
    cacheRead: whole(cacheRead),
    cacheWrite: whole(cacheWrite),
    // Prices are for a million
    unit: new ExactDecimal(`1e-${decimals + 6}`),
  };
  known.set(price, prices);
  return prices;
}

/**
 * The cost of usage at one price: sum over the four kinds of tokens x price / 1,000,000, in yen by the rate where the price
 * is in dollars. Exact, never rounded: rounding is for whoever makes an amount of it. Being linear in the tokens, it gives
 * the same for a sum of calls as for the calls one by one. Corrections may give negative tokens.
 * @param fx the rate of the day; ignored for prices in yen
 * @throws RangeError for counts that are no whole numbers below 2^53, and for dollars without a rate: a wrong yen is worse
 *   than none
 */
export function costOf(tokens: TokenCounts, price: TokenPrices, fx: Pick<FxRate, 'jpyPerUsd'> | null): Cost {
  const whole = wholePrices(price);
  const units =
    priced(tokens.inputTokens, whole.input) +
    priced(tokens.outputTokens, whole.output) +
    priced(tokens.cacheReadTokens, whole.cacheRead) +
    priced(tokens.cacheWriteTokens, whole.cacheWrite);
  const cost = new ExactDecimal(units).times(whole.unit);
  if (price.currency === 'JPY') return { cost, costJpy: cost };
  if (!fx) throw new RangeError('a price in dollars needs an exchange rate');
  return { cost, costJpy: cost.times(fx.jpyPerUsd) };
}

function priced(tokens: number, price: bigint): bigint {
  if (!Number.isSafeInteger(tokens)) throw new RangeError('not a number of tokens');
  return BigInt(tokens) * price;
}
