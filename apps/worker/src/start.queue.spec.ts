import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type House, openHouse } from '../test/job-house.ts';
import { spawnWorker } from '../test/worker-process.ts';
import type { WorkerProcessConfig } from './worker-config.ts';

const PATIENCE = { timeout: 20_000, interval: 10 };
const WAITING = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'`;

describe('a worker that comes up', () => {
  let house: House;
  let superuser: Client;
  beforeAll(async () => {
    house = await openHouse('postgres');
    superuser = new Client({ connectionString: house.database.urls.superuser });
    await superuser.connect();
  });
  afterAll(async () => {
    await superuser.end();
    await house.close();
  });

  /** Of what ends by itself: all it said on standard error, and how it ended. */
  async function lastWords(config: WorkerProcessConfig) {
    const child = spawnWorker(config);
    const [said, [code]] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
    return { said, code: code as number };
  }

  it('hears that it is to stop, and ends in order once it is up', async () => {
    // It notes where the audit chains end before it takes any work.
    await superuser.query(`SELECT pg_advisory_lock(hashtext('moyai.audit.anchors'))`);
    const child = spawnWorker(house.config, 'inherit');
    await vi.waitUntil(async () => (await superuser.query(WAITING)).rows.length > 0, PATIENCE);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await superuser.query(`SELECT pg_advisory_unlock(hashtext('moyai.audit.anchors'))`);
    expect(await ended).toEqual([0, null]);
  });

  it('says in one line that its database is not where it is looked for, and ends with 1', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, 'close');
    const url = new URL(house.config.database.appUrl);
    Object.assign(url, { hostname: '127.0.0.1', port: String(port) });
    const { said, code } = await lastWords({
      ...house.config,
      database: { ...house.config.database, appUrl: url.href, admissionUrl: url.href },
    });
    expect(said).toMatch(/^起動できませんでした \[START\.UNREACHABLE\] .*\n$/u);
    expect(said).toContain(`127.0.0.1:${port}`);
    expect(code).toBe(1);
  });

  it('says in one line that its database does not know it, and never with what password', async () => {
    const url = new URL(house.config.database.appUrl);
    Object.assign(url, { pathname: '/nowhere', password: 'wachtwoord' });
    const { said, code } = await lastWords({
      ...house.config,
      database: { ...house.config.database, appUrl: url.href },
    });
    expect(said).toMatch(/^起動できませんでした \[START\.DATABASE_REFUSED\] .*\n$/u);
    expect(said).not.toContain('wachtwoord');
    expect(code).toBe(1);
  });
});
