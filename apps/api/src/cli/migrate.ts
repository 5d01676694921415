import { loadConfig, ownerDatabaseEnvironment } from '#libs/config';
import { createOwnerDataSource } from '#libs/database';
import { migrations } from '../../../../migrations/index.ts';

/** Brings the database to the present schema, then exits. Safe to run again, and by several at once only in turn. */
const { owner } = loadConfig({ owner: ownerDatabaseEnvironment });
const dataSource = await createOwnerDataSource(owner.ownerUrl, migrations).initialize();
try {
  const done = await dataSource.runMigrations();
  process.stdout.write(`${JSON.stringify({ event: 'database.migrated', migrations: done.map(({ name }) => name) })}\n`);
} finally {
  await dataSource.destroy();
}
