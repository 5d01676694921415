import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BatchDesk, PLAN } from '../../../test/batch-desk.ts';
import { addMember, signIn } from '../../../test/test-city.ts';

const PATIENCE = { timeout: 5_000, interval: 10 };
const BLOCKED = `SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;

describe('dry runs of batches', () => {
  let desk: BatchDesk;
  /** Holds what every dry run has to read. */
  let holder: Client;
  beforeAll(async () => {
    desk = await BatchDesk.open();
    holder = new Client({ connectionString: desk.api.database.urls.superuser });
    await holder.connect();
  });
  afterAll(async () => {
    await holder.end();
    await desk[Symbol.asyncDispose]();
  });

  it('are made one at a time for each member, who may make the next when it has ended', async () => {
    const { city } = desk;
    const colleague = {
      cookie: await signIn(desk.api, city, await addMember(desk.api.app, city, { loginId: 'b', role: 'staff' })),
    };
    const [own, another] = [await desk.draft(), await desk.draft()];
    const theirs: string = (await desk.upload('a\n1\n', colleague).expect(201)).body.id;
    await holder.query('BEGIN; LOCK TABLE batch_rows IN ACCESS EXCLUSIVE MODE');
    const running = [
      desk.ask('post', `/${own}/forecast`, PLAN).then(({ status }) => status),
      desk.ask('post', `/${theirs}/forecast`, { ...PLAN, template: '{a}' }, colleague).then(({ status }) => status),
    ];
    await vi.waitFor(async () => expect(Number(await desk.value(BLOCKED))).toBe(2), PATIENCE);
    const second = await desk.ask('post', `/${another}/forecast`, PLAN).expect(429);
    expect(second.body).toMatchObject({
      code: 'BATCHES.DRY_RUN_UNDER_WAY',
      title: '別の一括処理の内容を確認しています。終わってから、もう一度確認してください。',
    });
    expect(Number(second.headers['retry-after'])).toBeGreaterThan(0);
    await holder.query('ROLLBACK');
    expect(await Promise.all(running)).toEqual([200, 200]);
    await desk.ask('post', `/${another}/forecast`, PLAN).expect(200);
  });

  it('that are refused keep nobody from the next', async () => {
    const id = await desk.draft();
    await desk.ask('post', `/${id}/forecast`, { template: 'x' }).expect(422);
    await desk.ask('post', `/${id}/forecast`, PLAN).expect(200);
  });
});
