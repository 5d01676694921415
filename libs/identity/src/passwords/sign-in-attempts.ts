import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Transaction } from '#libs/database';
import { Clock, DomainError, type TenantId } from '#libs/kernel';

/** Honest mistypes that cost nothing. */
const FREE_FAILURES = 5;
const LONGEST_WAIT_S = 30;
const FORGOTTEN_AFTER = "interval '1 day'";
const WAIT = `make_interval(secs => least(power(2, least(a.failures - ${FREE_FAILURES}, 10)), ${LONGEST_WAIT_S}))`;
/** Free ones ask for no time: of two at once the earlier by the clock may come later to the row. */
const MUST_WAIT = (now: string) => `(a.failures >= ${FREE_FAILURES} AND a.last_attempt_at + ${WAIT} > ${now})`;

/** Where the attempts on an account are counted: of everyone, or of one device that has signed in to it before. */
export interface AttemptCounter {
  readonly tenantId: TenantId;
  readonly accountHash: Buffer;
}

/** @param account what names the account, whether it exists or not; @param deviceId of a device known to it */
export const attemptCounter = (tenantId: TenantId, account: string, deviceId: string | null): AttemptCounter => ({
  tenantId,
  accountHash: createHash('sha256')
    .update(JSON.stringify([account, deviceId]))
    .digest(),
});

/**
 * Slows guessing down per account: after five failures the next attempt must wait 1 s, then 2, 4 … 30 s. Attempts made too
 * early are not counted, so nobody can push an account's wait beyond 30 s; and a device that has signed in before has a
 * counter of its own, so a stranger's guesses never keep the owner out (docs in this lib's README).
 */
@Injectable()
export class SignInAttempts {
  constructor(private readonly clock: Clock) {}

  /** @throws DomainError IDENTITY.THROTTLED while the account must wait */
  async assertOpen(tx: Transaction, { tenantId, accountHash }: AttemptCounter): Promise<void> {
    const [row] = await tx.query<{ wait_s: number }>(
      `SELECT extract(epoch FROM a.last_attempt_at + ${WAIT} - $3)::float8 AS wait_s FROM sign_in_attempts a
       WHERE a.tenant_id = $1 AND a.account_hash = $2 AND ${MUST_WAIT('$3')}`,
      [tenantId, accountHash, this.clock.now()],
    );
    if (row) throw new DomainError('IDENTITY.THROTTLED', { retryAfterSeconds: row.wait_s });
  }

  /**
   * Counts an attempt as failed before its password is checked, so that many at once cannot share one count; a right
   * password clears it. @throws DomainError IDENTITY.THROTTLED, and counts nothing
   */
  async claim(tx: Transaction, counter: AttemptCounter): Promise<void> {
    const { tenantId, accountHash } = counter;
    await this.forgetOld(tx, tenantId);
    const claimed = await tx.query(
      `INSERT INTO sign_in_attempts AS a (tenant_id, account_hash, failures, last_attempt_at) VALUES ($1, $2, 1, $3)
       ON CONFLICT (tenant_id, account_hash) DO UPDATE SET
         last_attempt_at = greatest(a.last_attempt_at, EXCLUDED.last_attempt_at),
         failures = CASE WHEN a.last_attempt_at < EXCLUDED.last_attempt_at - ${FORGOTTEN_AFTER} THEN 1
                         ELSE a.failures + 1 END
       WHERE NOT ${MUST_WAIT('EXCLUDED.last_attempt_at')} RETURNING 1`,
      [tenantId, accountHash, this.clock.now()],
    );
    if (claimed.length === 0) {
      await this.assertOpen(tx, counter);
      throw new DomainError('IDENTITY.THROTTLED', { retryAfterSeconds: 1 });
    }
  }

  /** After a right password. */
  async clear(tx: Transaction, { tenantId, accountHash }: AttemptCounter): Promise<void> {
    await tx.query('DELETE FROM sign_in_attempts WHERE tenant_id = $1 AND account_hash = $2', [tenantId, accountHash]);
  }

  /** Guessed names leave rows too: every attempt takes more old ones along than it adds. */
  private async forgetOld(tx: Transaction, tenantId: TenantId): Promise<void> {
    await tx.query(
      `DELETE FROM sign_in_attempts WHERE (tenant_id, account_hash) IN (
         SELECT tenant_id, account_hash FROM sign_in_attempts
         WHERE tenant_id = $1 AND last_attempt_at < $2::timestamptz - ${FORGOTTEN_AFTER}
         ORDER BY last_attempt_at LIMIT 10 FOR UPDATE SKIP LOCKED)`,
      [tenantId, this.clock.now()],
    );
  }
}
