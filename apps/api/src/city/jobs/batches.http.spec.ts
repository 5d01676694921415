import { readXlsx } from 'hucre/xlsx';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BatchDesk, CSV, PLAN } from '../../../test/batch-desk.ts';

describe('a batch', () => {
  let desk: BatchDesk;
  beforeAll(async () => {
    desk = await BatchDesk.open();
  });
  afterAll(() => desk[Symbol.asyncDispose]());

  it('is a draft with its columns once its file is checked, and nothing of it can be read in the database', async () => {
    const { body, headers } = await desk.upload(CSV).expect(201);
    expect(headers['location']).toBe(`/api/v1/batches/${body.id}`);
    expect(body).toMatchObject({
      name: '窓口.csv',
      state: 'draft',
      encoding: 'utf-8',
      columns: ['氏名', '用件'],
      rowCount: 3,
      plan: null,
      round: 0,
    });
    const stored = String(
      await desk.value(
        `SELECT b::text || (SELECT string_agg(r::text, '') FROM batch_rows r WHERE r.batch_id = b.id) FROM batches b WHERE id = $1`,
        body.id,
      ),
    );
    expect(Buffer.from(stored.replace(/[^0-9a-f]/g, ''), 'hex').includes(Buffer.from('山田'))).toBe(false);
    expect(stored).not.toContain('山田');
  });

  it('is kept as a draft only while it is among the ten newest of whoever made it; what was started stays', async () => {
    const running = await desk.started();
    const first = await desk.draft();
    for (let more = 0; more < 10; more++) await desk.draft();
    await desk.ask('get', `/${first}`).expect(404);
    await desk.ask('get', `/${running}`).expect(200);
    expect(await desk.count('batch_rows WHERE batch_id = $1', first)).toBe(0);
  });

  it('tells before the start what it will send and cost at most, and stores nothing for that', async () => {
    const id = await desk.draft();
    const before = await desk.stored();
    const { body } = await desk.ask('post', `/${id}/forecast`, PLAN).expect(200);
    expect(body.preview[1]).toEqual({ row: 3, prompt: '佐藤様からの「転入,転居」への案内文を書いてください。' });
    expect(body).toMatchObject({ rowCount: 3, maxTokens: 100, fitsBudget: true });
    expect(body.worstCaseTokens).toBeGreaterThan(body.estimatedTokens);
    expect(await desk.stored()).toEqual(before);
  });

  it('becomes one job for each row, with the worst case of all of them held', async () => {
    const id = await desk.draft();
    const { body: forecast } = await desk.ask('post', `/${id}/forecast`, PLAN).expect(200);
    const before = await desk.stored();
    const { body } = await desk.ask('post', `/${id}/start`, PLAN).expect(202);
    expect(body).toMatchObject({
      state: 'running',
      round: 1,
      counts: { queued: 3, running: 0 },
      plan: { maxTokens: 100 },
    });
    expect((await desk.stored()).held - before.held).toBe(forecast.worstCaseTokens);
    expect(await desk.isBalanced()).toBe(true);
    expect(await desk.count(`admission_entries e JOIN jobs j ON j.id = e.job_id WHERE batch_id = $1`, id)).toBe(3);
  });

  it('starts once, however often and at once the same start is sent; another start is refused', async () => {
    const id = await desk.draft();
    const answers = await Promise.all([1, 2, 3].map(() => desk.ask('post', `/${id}/start`, PLAN)));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(await desk.count(`jobs WHERE batch_id = $1`, id)).toBe(3);
    const { body } = await desk.ask('post', `/${id}/start`, { ...PLAN, maxTokens: 99 }).expect(409);
    expect(body.code).toBe('BATCHES.ALREADY_STARTED');
  });

  it('shows row by row what became of it, and gives it out safe for spreadsheets', async () => {
    const id = await desk.started();
    await desk.end(id, 3, 'failed');
    const { body } = await desk.ask('get', `/${id}/rows?limit=2`).expect(200);
    expect(body.items).toMatchObject([
      { row: 2, status: 'queued', cells: ['山田', '住民票'], answer: null, error: null },
      { row: 3, status: 'failed', error: { code: 'MODEL.TIMED_OUT' } },
    ]);
    const { body: rest } = await desk.ask('get', `/${id}/rows?limit=2&cursor=${body.nextCursor}`).expect(200);
    expect(rest).toMatchObject({ items: [{ row: 4 }], nextCursor: null });
    expect((await desk.ask('get', `/${id}/rows?status=failed`).expect(200)).body.items).toHaveLength(1);

    const csv = await desk.ask('get', `/${id}/results`).expect(200);
    expect(csv.headers['content-disposition']).toContain(encodeURIComponent('窓口_結果.csv'));
    expect(csv.text.startsWith('\ufeff氏名,用件,回答,状態,備考\r\n')).toBe(true);
    expect(csv.text).toContain("鈴木,'=1+1,");
    const xlsx = await desk
      .ask('get', `/${id}/results?format=xlsx`)
      .buffer()
      .parse((response, done) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece)).on('end', () => done(null, Buffer.concat(pieces)));
      });
    const { sheets } = await readXlsx(xlsx.body as Buffer);
    expect(sheets[0]?.rows.slice(1)).toEqual([
      ['山田', '住民票', '', '順番待ち', ''],
      ['佐藤', '転入,転居', '', '失敗', 'モデルが時間内に回答しませんでした。'],
      ['鈴木', '=1+1', '', '順番待ち', ''],
    ]);
    // What was taken out can be brought in again
    const { body: again } = await desk.upload(xlsx.body as Buffer).expect(201);
    expect(again).toMatchObject({ format: 'xlsx', encoding: null, rowCount: 3 });
    expect(again.columns).toEqual(['氏名', '用件', '回答', '状態', '備考']);
    expect(
      Number(
        await desk.value(`SELECT count(*) FROM audit_entries WHERE subject_id = $1 AND action = 'batch.exported'`, id),
      ),
    ).toBe(2);
  });

  it('says of each row why its answer is not there, or not all of it', async () => {
    const id = await desk.started();
    await desk.end(id, 2, 'completed', { finishReason: 'content_filter' });
    await desk.end(id, 3, 'completed', { finishReason: 'length' });
    await desk.end(id, 4, 'cancelled', { code: 'JOBS.HELD_PAST_MONTH' });
    expect((await desk.ask('get', `/${id}/rows`).expect(200)).body.items).toMatchObject([
      { status: 'completed', finishReason: 'content_filter', error: null },
      { status: 'completed', finishReason: 'length', error: null },
      { status: 'cancelled', finishReason: null, error: { code: 'JOBS.HELD_PAST_MONTH' } },
    ]);
    const [, filtered, cutOff, held] = (await desk.ask('get', `/${id}/results`).expect(200)).text.split('\r\n');
    expect(filtered).toContain('完了,モデルの安全機能により、回答の全部または一部が表示されていません。');
    expect(cutOff).toContain('完了,回答が最大トークン数に達したため、途中で終わっています。');
    expect(held).toContain('取消,団体の利用が停止されたまま月が替わったため、処理せずに取り消しました。');
  });

  it('gives rows another job that the system has cancelled, and not those that a person has', async () => {
    const id = await desk.started();
    await desk.end(id, 2, 'cancelled', { code: 'JOBS.HELD_PAST_MONTH' });
    const { body: cancelled } = await desk.ask('post', `/${id}/cancel`).expect(202);
    expect(cancelled).toMatchObject({ state: 'finished', counts: { cancelled: 3 }, retryable: 1 });
    const { body: retried } = await desk.ask('post', `/${id}/retry`, { round: 1 }).expect(202);
    expect(retried).toMatchObject({ counts: { queued: 1, cancelled: 2 }, retryable: 0 });
  });

  it('gives failed rows another job, once for a round', async () => {
    const id = await desk.started();
    expect((await desk.ask('post', `/${id}/retry`, { round: 1 }).expect(409)).body.code).toBe(
      'BATCHES.NOTHING_TO_RETRY',
    );
    await desk.end(id, 2, 'failed');
    await desk.end(id, 4, 'failed');
    const answers = await Promise.all([1, 2].map(() => desk.ask('post', `/${id}/retry`, { round: 1 })));
    for (const { status, body } of answers)
      expect({ status, round: body.round, counts: body.counts }).toMatchObject({
        status: 202,
        round: 2,
        counts: { queued: 3, failed: 0 },
      });
    expect(await desk.count(`jobs WHERE batch_id = $1`, id)).toBe(5);
    await desk.end(id, 2, 'failed');
    await desk.ask('post', `/${id}/retry`, { round: 1 }).expect(202);
    expect(await desk.count(`jobs WHERE batch_id = $1`, id)).toBe(5);
  });

  it('is cancelled as far as it has not ended, gives its budget back, and can then be erased', async () => {
    const before = await desk.stored();
    const id = await desk.started();
    expect((await desk.ask('delete', `/${id}`).expect(409)).body.code).toBe('BATCHES.NOT_FINISHED');
    const { body } = await desk.ask('post', `/${id}/cancel`).expect(202);
    expect(body).toMatchObject({ state: 'finished', counts: { queued: 0, cancelled: 3 } });
    expect(body.finishedAt).not.toBeNull();
    expect((await desk.stored()).held).toBe(before.held);
    expect(await desk.isBalanced()).toBe(true);
    await desk.ask('delete', `/${id}`).expect(204);
    await desk.ask('get', `/${id}`).expect(404);
    expect(await desk.count(`batch_rows WHERE batch_id = $1`, id)).toBe(0);
    expect(
      Number(await desk.value(`SELECT count(*) FROM jobs WHERE input_sealed IS NULL AND batch_row IS NOT NULL`)),
    ).toBe(3);
  });

  it('of 10,000 rows is accepted whole', async () => {
    const rows = Array.from({ length: 10_000 }, (_, index) => `氏名${index},用件の説明がここに入ります${index}`);
    const id = await desk.draft(`氏名,用件\n${rows.join('\n')}\n`);
    await desk.ask('post', `/${id}/forecast`, PLAN).expect(200);
    // Whatever dies while rows are being accepted: none of them is
    const cut = desk.ask('post', `/${id}/start`, PLAN).then(({ status }) => status);
    await desk.killAcceptance();
    expect(await cut).toBe(503);
    expect((await desk.ask('get', `/${id}`).expect(200)).body.state).toBe('draft');
    expect(await desk.count('jobs WHERE batch_id = $1', id)).toBe(0);
    expect(await desk.isBalanced()).toBe(true);

    const { body } = await desk.ask('post', `/${id}/start`, PLAN).expect(202);
    expect(body.counts).toEqual({ queued: 10_000, running: 0, completed: 0, failed: 0, cancelled: 0 });
    expect(
      await desk.count(
        `admission_entries e JOIN jobs j ON j.id = e.job_id AND j.tenant_id = e.tenant_id WHERE batch_id = $1`,
        id,
      ),
    ).toBe(10_000);
    expect(
      Number(
        await desk.value(
          `SELECT count(*) FROM reservations r JOIN jobs j ON j.id = r.subject_id WHERE batch_id = $1 AND state = 'held'`,
          id,
        ),
      ),
    ).toBe(10_000);
    expect(await desk.isBalanced()).toBe(true);
    expect(await desk.count(`audit_entries WHERE subject_id = $1`, id)).toBe(2);
    const { text } = await desk.ask('get', `/${id}/results`).expect(200);
    expect(text.split('\r\n')).toHaveLength(10_002);
    expect((await desk.ask('post', `/${id}/cancel`).expect(202)).body.counts.cancelled).toBe(10_000);
    expect(await desk.isBalanced()).toBe(true);
  }, 60_000);
});
