import { createOwnerDataSource } from '#libs/database';
import { migrateQueue } from '#libs/queue';
import { migrations } from './index.ts';
import { asOwner } from './owner.ts';

/**
 * Brings a database up to date: our tables, the way out of them for a city that leaves, then the queue's. Several may do so at once, one for each host: the second
 * waits and then finds nothing to do.
 * @param ownerUrl a login that may create roles; it need not be a superuser
 * @returns the names of the migrations that ran
 */
export async function applyMigrations(ownerUrl: string): Promise<string[]> {
  const source = await createOwnerDataSource(ownerUrl, migrations).initialize();
  try {
    await source.query("SELECT pg_advisory_lock(hashtext('moyai.migrate'))");
    const applied = await source.runMigrations();
    await source.transaction(async ({ queryRunner }) => {
      await asOwner(queryRunner!, ['SELECT open_exit_doors()', 'SELECT open_exit_scan()']);
    });
    await migrateQueue(ownerUrl);
    return applied.map(({ name }) => name);
  } finally {
    await source.destroy();
  }
}
