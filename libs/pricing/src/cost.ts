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

/** Prices are for a million. A product, as a quotient of so many digits takes several times as long. */
const MILLIONTH = new ExactDecimal('0.000001');

/**
 * The cost of usage at one price: sum over the four kinds of tokens x price / 1,000,000, in yen by the rate where the price
 * is in dollars. Exact, never rounded: rounding is for whoever makes an amount of it. Being linear in the tokens, it gives
 * the same for a sum of calls as for the calls one by one. Corrections may give negative tokens.
 * @param fx the rate of the day; ignored for prices in yen
 * @throws RangeError for counts that are no whole numbers below 2^53, and for dollars without a rate: a wrong yen is worse
 *   than none
 */
export function costOf(tokens: TokenCounts, price: TokenPrices, fx: Pick<FxRate, 'jpyPerUsd'> | null): Cost {
  const cost = [
    priced(tokens.inputTokens, price.input),
    priced(tokens.outputTokens, price.output),
    priced(tokens.cacheReadTokens, price.cacheRead),
    priced(tokens.cacheWriteTokens, price.cacheWrite),
  ]
    .reduce((sum, part) => sum.plus(part))
    .times(MILLIONTH);
  if (price.currency === 'JPY') return { cost, costJpy: cost };
  if (!fx) throw new RangeError('a price in dollars needs an exchange rate');
  return { cost, costJpy: cost.times(fx.jpyPerUsd) };
}

function priced(tokens: number, price: Decimal): Decimal {
  if (!Number.isSafeInteger(tokens)) throw new RangeError('not a number of tokens');
  return new ExactDecimal(tokens).times(price);
}
