import { Decimal } from 'decimal.js';

/**
 * Decimals wide enough for every product here to be exact: 2^53 tokens by a price of 14 digits by a rate of 12 have 42
 * digits, and a sum of many has a few more. Arithmetic that starts from one of these stays exact.
 */
export const ExactDecimal = Decimal.clone({ precision: 60 });

export type Currency = 'USD' | 'JPY';

/** What a model costs the vendor, for each million tokens of a kind, in the price's own currency. */
export interface TokenPrices {
  readonly currency: Currency;
  readonly input: Decimal;
  readonly output: Decimal;
  readonly cacheRead: Decimal;
  readonly cacheWrite: Decimal;
}

/** One row of the price book: applies from its start until the next row of the model begins. */
export interface ModelPrice extends TokenPrices {
  readonly id: string;
  readonly model: string;
  /** 00:00 of a day in Japan. */
  readonly validFrom: Date;
}

/** Yen for one dollar, from its start until the next one begins. */
export interface FxRate {
  readonly id: string;
  /** 00:00 of a day in Japan. */
  readonly validFrom: Date;
  readonly jpyPerUsd: Decimal;
}

/** Columns of model_prices as they come from the driver: NUMERIC as text. */
export interface PriceColumns {
  readonly id: string;
  readonly model: string;
  readonly validFrom: Date;
  readonly currency: Currency;
  readonly input: string;
  readonly output: string;
  readonly cacheRead: string;
  readonly cacheWrite: string;
}

/** Columns of fx_rates as they come from the driver. */
export interface FxColumns {
  readonly id: string;
  readonly validFrom: Date;
  readonly jpyPerUsd: string;
}

export const PRICE_COLUMNS = `r.id, r.model, r.valid_from AS "validFrom", r.currency, r.input_price AS input,
  r.output_price AS output, r.cache_read_price AS "cacheRead", r.cache_write_price AS "cacheWrite"`;

export const FX_COLUMNS = 'r.id, r.valid_from AS "validFrom", r.jpy_per_usd AS "jpyPerUsd"';

export const IN_FORCE = 'r.approved_at IS NOT NULL AND r.withdrawn_at IS NULL';

export const toPrice = ({ id, model, validFrom, currency, ...prices }: PriceColumns): ModelPrice => ({
  id,
  model,
  validFrom,
  currency,
  input: new ExactDecimal(prices.input),
  output: new ExactDecimal(prices.output),
  cacheRead: new ExactDecimal(prices.cacheRead),
  cacheWrite: new ExactDecimal(prices.cacheWrite),
});

export const toFxRate = ({ id, validFrom, jpyPerUsd }: FxColumns): FxRate => ({
  id,
  validFrom,
  jpyPerUsd: new ExactDecimal(jpyPerUsd),
});
