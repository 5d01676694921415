import type { CrossTenantTransaction } from '#libs/database';
import { DomainError } from '#libs/kernel';

/**
 * Holds all months from a day's on open until the commit: none of them is being closed or was, and none will be meanwhile.
 * Whoever closes a month takes its lock alone (billing_lock), so it sees what is committed under this one, or stops it here.
 *
 * @param day first JST day that what follows may change
 * @param today months after it are no concern: they cannot be closed yet
 * @throws DomainError CONTRACTS.MONTH_CLOSED
 */
export async function holdMonthsOpen(tx: CrossTenantTransaction, day: string, today: string): Promise<void> {
  const first = `${day.slice(0, 7)}-01`;
  await tx.query(
    `SELECT pg_advisory_xact_lock_shared(billing_lock(month::date))
     FROM generate_series($1::date, greatest($1::date, $2::date), interval '1 month') AS month`,
    [first, today],
  );
  // A statement of its own: it sees what was committed before the locks were had.
  const frozen = await tx.query(`SELECT FROM billing_periods WHERE month >= $1 AND state <> 'open' LIMIT 1`, [first]);
  if (frozen.length > 0) throw new DomainError('CONTRACTS.MONTH_CLOSED');
}
