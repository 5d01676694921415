import { Injectable } from '@nestjs/common';
import type { Transaction } from '#libs/database';
import { type JstMonth, jstMonthRange } from '#libs/kernel';

/** What the vendor's finance must know of lost calls. */
@Injectable()
export class OpenCalls {
  /** Calls of a JST month of which nobody knows the use yet, in every city: its books are not complete before there are none. */
  async countIn(tx: Transaction, month: JstMonth): Promise<number> {
    const { start, end } = jstMonthRange(month);
    const [row] = await tx.query<{ open: number }>(
      `SELECT count(*)::integer AS open FROM lost_calls
       WHERE resolved_at IS NULL AND accepted_at >= $1 AND accepted_at < $2`,
      [start, end],
    );
    return row?.open ?? 0;
  }
}
