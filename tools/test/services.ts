import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import type { ProvidedServices } from '#libs/testing';
import { applyMigrations } from '../../migrations/apply.ts';
import { PostgresServer } from '../services/postgres.ts';
import { hasRedis, RedisServer } from '../services/redis.ts';

const TEMPLATE = 'moyai_template';
const LOGIN_ROLES = ['moyai_app', 'moyai_admission', 'moyai_ops', 'moyai_finance', 'moyai_exit'];

/** Once per run: one PostgreSQL server with the migrated template, and one Redis where the machine has it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = mkdtempSync(join(tmpdir(), 'moyai-test-'));
  chmodSync(directory, 0o755);
  const password = randomBytes(18).toString('base64url');
  const postgres = await PostgresServer.start({
    dataDirectory: join(directory, 'postgres'),
    logFile: join(directory, 'postgres.log'),
    password,
    // Nothing here outlives the run, so nothing needs to reach the disk
    settings: { fsync: 'off', full_page_writes: 'off', max_connections: '300', autovacuum: 'off' },
  });
  await makeTemplate(postgres, password);
  const redis = hasRedis() ? await RedisServer.start(join(directory, 'redis')) : undefined;
  const services: ProvidedServices = {
    postgresUrl: postgres.url('').replace(/\/$/, ''),
    rolePassword: password,
    templateDatabase: TEMPLATE,
    redisUrl: redis?.url,
  };
  project.provide('services', services);
  return async () => {
    await Promise.all([postgres.stop(), redis?.stop()]);
    rmSync(directory, { recursive: true, force: true });
  };
}

/** Migrates as a login that is no superuser, because that is all a managed database will give us. */
async function makeTemplate(postgres: PostgresServer, password: string): Promise<void> {
  const admin = new Client({ connectionString: postgres.url('postgres') });
  await admin.connect();
  await admin.query(`CREATE ROLE moyai_migrator LOGIN CREATEROLE PASSWORD '${password}'`);
  await admin.query(`CREATE DATABASE ${TEMPLATE} OWNER moyai_migrator`);
  const url = new URL(postgres.url(TEMPLATE));
  url.username = 'moyai_migrator';
  await applyMigrations(url.href);
  for (const role of LOGIN_ROLES) await admin.query(`ALTER ROLE ${role} LOGIN PASSWORD '${password}'`);
  await admin.end();
}
