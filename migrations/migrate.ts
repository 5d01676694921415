import { loadConfig, ownerDatabaseEnvironment } from '#libs/config';
import { createOwnerDataSource } from '#libs/database';
import { migrations } from './index.ts';

// A program of its own, because the login that may change the schema is one that no server process is given.
const { owner } = loadConfig({ owner: ownerDatabaseEnvironment });
const source = await createOwnerDataSource(owner.ownerUrl, migrations).initialize();
try {
  // Several may be started at once, one for each host: the second waits and then finds nothing to do
  await source.query("SELECT pg_advisory_lock(hashtext('moyai.migrate'))");
  for (const { name } of await source.runMigrations()) console.log(`migrated: ${name}`);
} finally {
  await source.destroy();
}
