import { loadConfig, ownerDatabaseEnvironment } from '#libs/config';
import { applyMigrations } from './apply.ts';

// A program of its own, because the login that may change the schema is one that no server process is given.
const { owner } = loadConfig({ owner: ownerDatabaseEnvironment });
for (const name of await applyMigrations(owner.ownerUrl)) console.log(`migrated: ${name}`);
