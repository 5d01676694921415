import { Injectable } from '@nestjs/common';
import type { Transaction } from '#libs/database';
import { Clock } from '#libs/kernel';
import {
  FX_COLUMNS,
  type FxColumns,
  type FxRate,
  IN_FORCE,
  type ModelPrice,
  PRICE_COLUMNS,
  type PriceColumns,
  toFxRate,
  toPrice,
} from './model-price.ts';

export type PublishedPrice = ModelPrice & { readonly source: string };
export type PublishedFxRate = FxRate & { readonly source: string };

/** The price list as anybody may read it: what applies now, and what is to come. */
export interface PriceList {
  /** One price a model, by name of the model. */
  readonly current: readonly PublishedPrice[];
  /** In the order they begin. */
  readonly future: readonly PublishedPrice[];
  /** Null before the first rate begins. */
  readonly fxRate: PublishedFxRate | null;
}

/** Publishing prices is a duty of public software services; who proposed them is not part of it. */
@Injectable()
export class PublishedPrices {
  constructor(private readonly clock: Clock) {}

  /** @param at the moment asked about; now unless told */
  async asOf(tx: Transaction, at: Date = this.clock.now()): Promise<PriceList> {
    const [current, future, rates] = await Promise.all([
      tx.query<PriceColumns & { source: string }>(
        `SELECT DISTINCT ON (r.model) ${PRICE_COLUMNS}, r.source FROM model_prices r
         WHERE ${IN_FORCE} AND r.valid_from <= $1 ORDER BY r.model, r.valid_from DESC`,
        [at],
      ),
      tx.query<PriceColumns & { source: string }>(
        `SELECT ${PRICE_COLUMNS}, r.source FROM model_prices r
         WHERE ${IN_FORCE} AND r.valid_from > $1 ORDER BY r.valid_from, r.model`,
        [at],
      ),
      tx.query<FxColumns & { source: string }>(
        `SELECT ${FX_COLUMNS}, r.source FROM fx_rates r
         WHERE ${IN_FORCE} AND r.valid_from <= $1 ORDER BY r.valid_from DESC LIMIT 1`,
        [at],
      ),
    ]);
    const withSource = (row: PriceColumns & { source: string }) => ({ ...toPrice(row), source: row.source });
    return {
      current: current.map(withSource),
      future: future.map(withSource),
      fxRate: rates[0] ? { ...toFxRate(rates[0]), source: rates[0].source } : null,
    };
  }
}
