import { Injectable } from '@nestjs/common';
import type { Transaction } from '#libs/database';
import type { JstMonth } from '#libs/kernel';

/** Calls to one model that no price rates yet, in the month that is to bill them. */
export interface UnratedUsageLine {
  readonly model: string;
  readonly month: JstMonth;
  readonly calls: number;
  readonly tokens: number;
  readonly firstAcceptedAt: Date;
}

/** What nobody can bill before it has a price. For the finance role. */
@Injectable()
export class UnratedUsage {
  /** Of every city, oldest month first. */
  list(tx: Transaction): Promise<UnratedUsageLine[]> {
    return tx.query<UnratedUsageLine>(
      `SELECT model, to_char(billing_month, 'YYYY-MM') AS month, count(*)::integer AS calls,
         sum(input_tokens + output_tokens + cache_read_tokens + cache_write_tokens)::float8 AS tokens,
         min(accepted_at) AS "firstAcceptedAt"
       FROM usage_records WHERE price_id IS NULL GROUP BY billing_month, model ORDER BY billing_month, model`,
    );
  }
}
