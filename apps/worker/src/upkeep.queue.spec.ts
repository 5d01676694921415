import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { AdmissionDatabase } from '#libs/database';
import { type IdleWorker, openIdleWorker } from '../test/idle-worker.ts';
import { Upkeep } from './upkeep.ts';

const PATIENCE = { timeout: 15_000, interval: 10 };
const MINUTE_MS = 60_000;

describe('what is done by the clock', () => {
  let idle: IdleWorker;
  let holder: Client;
  beforeAll(async () => {
    idle = await openIdleWorker();
    holder = new Client({ connectionString: idle.house.database.urls.superuser });
    await holder.connect();
  });
  afterAll(async () => {
    await holder.end();
    await idle.close();
  });

  afterEach(() => void vi.useRealTimers());

  const waiting = async () =>
    (
      await idle.rows<{ sessions: number }>(
        `SELECT count(*)::integer AS sessions FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event = 'advisory'`,
      )
    )[0]!.sessions;

  it('waits for its round before, however long the database holds that up, and ends with it', async () => {
    await holder.query(`SELECT pg_advisory_lock(hashtext('moyai.audit.anchors'))`);
    const upkeep = idle.worker.get(Upkeep);
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
    upkeep.start();
    vi.advanceTimersByTime(MINUTE_MS);
    await vi.waitUntil(async () => (await waiting()) > 0, PATIENCE);
    vi.advanceTimersByTime(MINUTE_MS);
    // What a second round began has come to the database before this is answered.
    for (let turn = 0; turn < 10; turn += 1) await idle.worker.get(AdmissionDatabase).query('SELECT 1');
    expect(await waiting()).toBe(1);
    const stopped = upkeep.stop();
    await holder.query(`SELECT pg_advisory_unlock(hashtext('moyai.audit.anchors'))`);
    await stopped;
    expect(await waiting()).toBe(0);
  });
});
