import { Injectable } from '@nestjs/common';
import type { Transaction } from '#libs/database';
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

/** Every price and rate that may stand on a usage row, by id. */
export class PriceTable {
  constructor(
    readonly prices: ReadonlyMap<string, ModelPrice>,
    readonly fxRates: ReadonlyMap<string, FxRate>,
  ) {}

  /** @throws Error for an id that is in no book: rated usage always names one that is */
  price(id: string): ModelPrice {
    const price = this.prices.get(id);
    if (!price) throw new Error(`no price ${id}`);
    return price;
  }

  /** @param id null, as usage priced in yen has it, gives null. @throws Error for an id that is in no book */
  fxRate(id: string | null): FxRate | null {
    if (id === null) return null;
    const rate = this.fxRates.get(id);
    if (!rate) throw new Error(`no exchange rate ${id}`);
    return rate;
  }
}

/** Reads what rated usage points to. Few rows, so all of them at once. */
@Injectable()
export class Prices {
  async load(tx: Transaction): Promise<PriceTable> {
    const [prices, rates] = await Promise.all([
      tx.query<PriceColumns>(`SELECT ${PRICE_COLUMNS} FROM model_prices r WHERE ${IN_FORCE}`),
      tx.query<FxColumns>(`SELECT ${FX_COLUMNS} FROM fx_rates r WHERE ${IN_FORCE}`),
    ]);
    return new PriceTable(
      new Map(prices.map((row) => [row.id, toPrice(row)])),
      new Map(rates.map((row) => [row.id, toFxRate(row)])),
    );
  }
}
