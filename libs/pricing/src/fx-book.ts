import { Injectable } from '@nestjs/common';
import type { Decimal } from 'decimal.js';
import type { CrossTenantTransaction } from '#libs/database';
import { DomainError } from '#libs/kernel';
import { DatedBook } from './dated-book.ts';
import type { DatedRow } from './dated-row.ts';
import { FX_COLUMNS, type FxColumns, type FxRate, IN_FORCE, toFxRate } from './model-price.ts';

export type FxRow = FxRate & DatedRow;

export interface FxProposal {
  readonly jpyPerUsd: Decimal;
  /** 00:00 of a day in Japan. */
  readonly validFrom: Date;
  readonly source: string;
}

const MAX_DECIMALS = 6;
const BELOW = 1_000_000;

/** What a dollar costs in yen, from which day on, and who answers for it. */
@Injectable()
export class FxBook extends DatedBook<FxRow, FxProposal> {
  protected readonly layout = { table: 'fx_rates', noun: 'fx-rate', columns: FX_COLUMNS, sameLine: 'true' } as const;

  protected toRow(stored: Omit<DatedRow, 'state'> & FxColumns, state: DatedRow['state']): FxRow {
    return { ...stored, ...toFxRate(stored), state };
  }

  protected async toColumns(_: CrossTenantTransaction, { jpyPerUsd }: FxProposal) {
    const fits = jpyPerUsd.isFinite() && jpyPerUsd.gt(0) && jpyPerUsd.lt(BELOW) && jpyPerUsd.dp() <= MAX_DECIMALS;
    if (!fits) {
      const message = '0より大きく、小数は6桁までで入力してください。';
      throw new DomainError('PRICING.AMOUNT_INVALID', { faults: [{ pointer: '/jpyPerUsd', message }] });
    }
    return { jpy_per_usd: jpyPerUsd.toFixed() };
  }

  protected async assertNoGapWith(): Promise<void> {
    // One more rate leaves no price without one.
  }

  protected async assertNoGapWithout(tx: CrossTenantTransaction, row: FxRow): Promise<void> {
    const inForceBefore = `SELECT FROM fx_rates r WHERE r.valid_from < $1 AND ${IN_FORCE}`;
    if (await this.exists(tx, inForceBefore, [row.validFrom])) return;
    const dollars = `SELECT FROM model_prices r WHERE r.currency = 'USD' AND ${IN_FORCE}`;
    if (await this.exists(tx, dollars, [])) throw new DomainError('PRICING.GAP');
  }

  protected facts({ jpyPerUsd }: FxRow): Record<string, string> {
    return { jpyPerUsd: jpyPerUsd.toFixed() };
  }
}
