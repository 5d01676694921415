import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BatchDesk } from '../../../test/batch-desk.ts';
import { CITY_B, addApiKey, onboardCity } from '../../../test/test-city.ts';

const ROWS = 1_200;
const LONG = `氏名,用件\n${Array.from({ length: ROWS }, (_, row) => `氏名${row},用件${row}`).join('\n')}\n`;

/** What is written of places in line, in order, and whether it may be. */
const WATCH = `
  CREATE TABLE watched (number integer GENERATED ALWAYS AS IDENTITY, tx text, job_id uuid, ended boolean);
  CREATE TABLE refused (job_id uuid);
  CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
  BEGIN
    IF EXISTS (SELECT FROM written JOIN refused USING (job_id)) THEN RAISE EXCEPTION 'power failure'; END IF;
    INSERT INTO watched (tx, job_id, ended) SELECT pg_current_xact_id()::text, job_id, finished_at IS NOT NULL FROM written;
    RETURN NULL;
  END $$;
  CREATE TRIGGER watch AFTER UPDATE ON admission_entries REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION watch()`;

describe('a batch that is cancelled', () => {
  let desk: BatchDesk;
  beforeAll(async () => {
    desk = await BatchDesk.open();
    await desk.api.eyes.query(WATCH);
  });
  afterAll(() => desk[Symbol.asyncDispose]());

  const cancel = (id: string) => desk.ask('post', `/${id}/cancel`);
  const counts = async (id: string) => (await desk.ask('get', `/${id}`).expect(200)).body.counts;
  const query = async <Row>(sql: string, ...values: unknown[]): Promise<Row[]> =>
    (await desk.api.eyes.query(sql, values)).rows;
  const slicesOf = async (id: string): Promise<number[]> =>
    (
      await query<{ rows: number }>(
        `SELECT count(*)::integer AS rows FROM watched JOIN jobs j ON j.id = job_id WHERE ended AND batch_id = $1
         GROUP BY tx ORDER BY min(number)`,
        id,
      )
    ).map(({ rows }) => rows);
  const recorded = (id: string) =>
    query(
      `SELECT details::jsonb->'rows' AS rows FROM audit_entries WHERE subject_id = $1 AND action = 'batch.cancelled' ORDER BY sequence`,
      id,
    );
  /** Until somebody waits for a lock with such a statement. */
  const isHeldUp = async (statement: string): Promise<void> => {
    const look = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ $1 AND pid <> pg_backend_pid()`;
    while ((await query(look, statement)).length === 0) await query('SELECT pg_stat_clear_snapshot()');
  };

  it('ends in slices, between which other cities are admitted', async () => {
    const authorization = `Bearer ${await addApiKey(desk.api.app, await onboardCity(desk.api.app, CITY_B))}`;
    const id = await desk.started(LONG);
    await query('BEGIN');
    await query(`SELECT pg_advisory_xact_lock(hashtext('moyai.admission'))`);
    const cancelled = cancel(id).then(({ body }) => body);
    await isHeldUp('pg_advisory_xact_lock');
    const question = {
      kind: 'chat',
      model: 'small-model',
      maxTokens: 10,
      messages: [{ role: 'user', content: '質問' }],
    };
    const asked = await desk.api.on('lgwan').post('/api/v1/jobs').set({ authorization }).send(question).expect(202);
    await isHeldUp('FROM admit\\(');
    await query('COMMIT');

    expect(await cancelled).toMatchObject({ state: 'finished', counts: { queued: 0, cancelled: ROWS } });
    expect(await slicesOf(id)).toEqual([500, 500, 200]);
    const [before] = await query(
      `SELECT count(DISTINCT w.tx)::integer AS slices FROM watched w JOIN jobs j ON j.id = w.job_id
       WHERE w.ended AND j.batch_id = $1 AND w.number < (SELECT min(number) FROM watched WHERE job_id = $2)`,
      id,
      asked.body.id,
    );
    expect(before).toEqual({ slices: 1 });
    expect(await recorded(id)).toEqual([{ rows: ROWS }]);
    expect(await desk.isBalanced()).toBe(true);
    await cancel(id).expect(202);
    expect(await recorded(id)).toHaveLength(1);
  });

  it('keeps no other city waiting while the budget of its own is held up', async () => {
    const id = await desk.started();
    await query('BEGIN');
    await query('SELECT FROM budgets FOR UPDATE');
    const cancelled = cancel(id).then(({ body }) => body);
    await isHeldUp('budget_give_back');
    await query(`SELECT pg_advisory_xact_lock(hashtext('moyai.admission'))`);
    await query('COMMIT');
    expect((await cancelled).counts).toMatchObject({ queued: 0, cancelled: 3 });
    expect(await desk.isBalanced()).toBe(true);
  });

  it('and whose cancellation dies between two slices says how far it came, and is cancelled again', async () => {
    const id = await desk.started(LONG);
    await query('INSERT INTO refused SELECT id FROM jobs WHERE batch_id = $1 AND batch_row = 800', id);
    expect((await cancel(id)).status).toBeGreaterThanOrEqual(500);
    expect(await counts(id)).toMatchObject({ queued: 700, cancelled: 500 });
    expect(await desk.isBalanced()).toBe(true);
    await query('DELETE FROM refused');
    expect((await cancel(id).expect(202)).body).toMatchObject({ state: 'finished', counts: { cancelled: ROWS } });
    expect(await recorded(id)).toEqual([{ rows: ROWS }, { rows: 700 }]);
    expect(await desk.isBalanced()).toBe(true);
  });

  it('ends a row, too, that comes back into line while others are being ended', async () => {
    const id = await desk.started();
    await query(`UPDATE jobs SET status = 'running' WHERE batch_id = $1 AND batch_row = 3`, id);
    await query('BEGIN');
    await query('SELECT FROM jobs WHERE batch_id = $1 AND batch_row = 2 FOR UPDATE', id);
    const cancelled = cancel(id).then(({ body }) => body);
    await isHeldUp(`^SELECT id FROM jobs .*'queued'`);
    await query(`UPDATE jobs SET status = 'queued' WHERE batch_id = $1 AND batch_row = 3`, id);
    await query('COMMIT');
    expect((await cancelled).counts).toMatchObject({ queued: 0, running: 0, cancelled: 3 });
    expect(await desk.isBalanced()).toBe(true);
  });

  it('tells the worker of a row that runs, once', async () => {
    const id = await desk.started();
    await query(`UPDATE jobs SET status = 'running' WHERE batch_id = $1 AND batch_row = 3`, id);
    expect((await cancel(id).expect(202)).body).toMatchObject({
      state: 'running',
      counts: { running: 1, cancelled: 2 },
    });
    await cancel(id).expect(202);
    const told = `audit_entries a JOIN jobs j ON j.id::text = a.subject_id WHERE j.batch_id = $1 AND action = 'job.cancel-requested'`;
    expect(await desk.count(told, id)).toBe(1);
  });
});
