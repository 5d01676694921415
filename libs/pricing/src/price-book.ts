import { Injectable } from '@nestjs/common';
import type { CrossTenantTransaction } from '#libs/database';
import { DomainError, type FieldFault } from '#libs/kernel';
import { DatedBook } from './dated-book.ts';
import type { DatedRow } from './dated-row.ts';
import {
  IN_FORCE,
  type ModelPrice,
  PRICE_COLUMNS,
  type PriceColumns,
  type TokenPrices,
  toPrice,
} from './model-price.ts';

export type PriceRow = ModelPrice & DatedRow;

export interface PriceProposal extends TokenPrices {
  readonly model: string;
  /** 00:00 of a day in Japan. */
  readonly validFrom: Date;
  readonly source: string;
  /** Whether the pool serves the model. One it does not serve is known only once it has a price. */
  readonly served: boolean;
  /** Said on purpose, so that a name mistyped is not taken for a new model. */
  readonly isNewModel: boolean;
}

const KINDS = ['input', 'output', 'cacheRead', 'cacheWrite'] as const;
const MAX_DECIMALS = 6;
const BELOW = 100_000_000;

/** What models cost, from which day on, and who answers for it. */
@Injectable()
export class PriceBook extends DatedBook<PriceRow, PriceProposal> {
  protected readonly layout = {
    table: 'model_prices',
    noun: 'price',
    columns: PRICE_COLUMNS,
    sameLine: 'n.model = r.model',
  } as const;

  protected toRow(stored: Omit<DatedRow, 'state'> & PriceColumns, state: DatedRow['state']): PriceRow {
    return { ...stored, ...toPrice(stored), state };
  }

  protected async toColumns(tx: CrossTenantTransaction, { model, currency, ...proposal }: PriceProposal) {
    const faults = KINDS.flatMap((kind): FieldFault[] => {
      const price = proposal[kind];
      const fits = price.isFinite() && price.gte(0) && price.lt(BELOW) && price.dp() <= MAX_DECIMALS;
      return fits ? [] : [{ pointer: `/${kind}`, message: '0以上、小数は6桁までで入力してください。' }];
    });
    if (faults.length > 0) throw new DomainError('PRICING.AMOUNT_INVALID', { faults });
    const known =
      proposal.served ||
      proposal.isNewModel ||
      (await this.exists(tx, 'SELECT FROM model_prices WHERE model = $1', [model]));
    if (!known) throw new DomainError('PRICING.MODEL_UNKNOWN', { faults: [{ pointer: '/model', message: UNKNOWN }] });
    return {
      model,
      currency,
      input_price: proposal.input.toFixed(),
      output_price: proposal.output.toFixed(),
      cache_read_price: proposal.cacheRead.toFixed(),
      cache_write_price: proposal.cacheWrite.toFixed(),
    };
  }

  protected async assertNoGapWith(tx: CrossTenantTransaction, row: PriceRow): Promise<void> {
    if (row.currency !== 'USD') return;
    const sql = `SELECT FROM fx_rates r WHERE r.valid_from <= $1 AND ${IN_FORCE}`;
    if (!(await this.exists(tx, sql, [row.validFrom]))) throw new DomainError('PRICING.GAP');
  }

  protected async assertNoGapWithout(): Promise<void> {
    // The price before it goes on; a model that has none before has had no price until now either.
  }

  protected facts({ model, currency, ...row }: PriceRow): Record<string, string> {
    return { model, currency, ...Object.fromEntries(KINDS.map((kind) => [kind, row[kind].toFixed()])) };
  }
}

const UNKNOWN = '登録のないモデルです。名前を確かめ、新しいモデルであればその旨を指定してください。';
