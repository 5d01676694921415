import { Injectable } from '@nestjs/common';
import type { TenantTransaction } from '#libs/database';

/**
 * Gives back reservations that outlived any work they could belong to. Work ends its own reservation; this is the net
 * under it, so that a defect costs a city some days of room and not all of it.
 */
@Injectable()
export class ReservationSweeper {
  /** @returns how many were released */
  async sweep(tx: TenantTransaction, now: Date): Promise<number> {
    const [row] = await tx.query<{ swept: number }>(
      `WITH ended AS (
         UPDATE reservations SET state = 'released', ended_at = $1
         WHERE state = 'held' AND expires_at <= $1 RETURNING id)
       SELECT count(*)::integer AS swept, budget_give_back(array_agg(id)) FROM ended`,
      [now],
    );
    return row?.swept ?? 0;
  }
}
