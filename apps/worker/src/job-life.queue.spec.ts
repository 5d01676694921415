import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TenantDatabase, createDataSource } from '#libs/database';
import { JobCanceller, type JobEvent, JobFollower, JobIntake, JobReader } from '#libs/jobs';
import { type House, openHouse } from '../test/job-house.ts';

const ask = (content: string) => ({ kind: 'chat' as const, messages: [{ role: 'user' as const, content }] });

const TERMINAL = ['completed', 'failed', 'cancelled'];

describe.each(['postgres', 'redis', 'redis-cluster'] as const)('a job on the %s backend', (backend) => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse(backend);
    await house.startWorker();
  });
  afterAll(() => house.close());
  beforeEach(() => house.simulator.behaviour.replace({ firstTokenDelayMs: 0, tokenDelayMs: 0 }));

  const submit = (content: string, key?: string) =>
    house.intake.get(JobIntake).accept(house.requester, ask(content), { idempotencyKey: key });
  const follow = async (id: string): Promise<JobEvent[]> => {
    const events: JobEvent[] = [];
    const signal = AbortSignal.timeout(15_000);
    for await (const event of house.intake.get(JobFollower).follow(house.requester, id, { signal })) events.push(event);
    return events;
  };
  const textOf = (events: readonly JobEvent[]) =>
    events.reduce((text, event) => (event.type === 'delta' ? text.slice(0, event.offset) + event.text : text), '');
  const query = <Row>(sql: string, parameters: unknown[] = []) =>
    house.intake.get(TenantDatabase).run(house.requester.scope, (tx) => tx.query<Row>(sql, parameters));

  const ledgerEntry = (callId: string) => house.simulator.ledger.list().find((entry) => entry.callId === callId);

  it('streams its answer in order and ends exactly once', async () => {
    const { id } = await submit('公園の利用案内の文案を作ってください。');
    const events = await follow(id);
    expect(events.filter(({ type }) => TERMINAL.includes(type))).toEqual([{ type: 'completed', finishReason: 'stop' }]);
    expect(events.at(-1)?.type).toBe('completed');
    const view = await house.intake.get(JobReader).view(house.requester, id);
    expect(view.output?.text).toBe(textOf(events));
    expect(view.status).toBe('completed');
  });

  it('ends where its requester said, and where that is stays as secret as the question', async () => {
    const accept = (stop: string) =>
      house.intake
        .get(JobIntake)
        .accept(house.requester, { ...ask('公園の利用案内の文案を作ってください。'), stop: [stop] });
    await expect(accept('123456789018')).rejects.toMatchObject({
      code: 'GUARD.MY_NUMBER_FOUND',
      faults: [{ pointer: '/stop/0' }],
    });
    const { id } = await accept('件名');
    expect((await follow(id)).at(-1)).toEqual({ type: 'completed', finishReason: 'stop' });
    const view = await house.intake.get(JobReader).view(house.requester, id);
    expect(view.output?.text).not.toContain('件名');
    expect(view.usage?.outputTokens).toBe(ledgerEntry(`${id}.1`)?.outputTokens);
    const [stored] = await query<{ at: number }>(
      `SELECT position(convert_to('件名', 'UTF8') IN input_sealed) AS at FROM jobs WHERE id = $1`,
      [id],
    );
    expect(stored).toEqual({ at: 0 });
  });

  it('is metered to the token the provider counted', async () => {
    const { id } = await submit('予算の要点を要約してください。');
    await follow(id);
    const [used] = await query<{ input: number; output: number; source: string }>(
      `SELECT input_tokens::int AS input, output_tokens::int AS output, source FROM usage_records WHERE subject_id = $1`,
      [id],
    );
    const call = ledgerEntry(`${id}.1`);
    expect(used).toEqual({ input: call?.inputTokens, output: call?.outputTokens, source: 'provider' });
  });

  it('leaves nothing reserved once it has ended', async () => {
    const { id } = await submit('所要時間を教えてください。');
    await follow(id);
    const [budget] = await query<{ reserved: number }>('SELECT reserved_tokens::int AS reserved FROM budgets');
    expect(budget).toEqual({ reserved: 0 });
  });

  it('is one job for one idempotency key, however often and however parallel it is sent', async () => {
    const receipts = await Promise.all(Array.from({ length: 10 }, () => submit('同じ質問です。', 'key-1')));
    expect(new Set(receipts.map(({ id }) => id)).size).toBe(1);
    await follow(receipts[0]!.id);
    await expect(submit('別の質問です。', 'key-1')).rejects.toMatchObject({ code: 'REQUEST.IDEMPOTENCY_MISMATCH' });
  });

  it('resumes after a delta without gap or repeat', async () => {
    house.simulator.behaviour.replace({ firstTokenDelayMs: 0, tokenDelayMs: 2 });
    const { id } = await submit('ごみの分別の手順を一覧にしてください。');
    const leave = new AbortController();
    let held = '';
    let token: string | undefined;
    for await (const event of house.intake.get(JobFollower).follow(house.requester, id, { signal: leave.signal })) {
      if (event.type !== 'delta') continue;
      held += event.text;
      token = event.resumeToken;
      leave.abort();
    }
    const signal = AbortSignal.timeout(15_000);
    for await (const event of house.intake
      .get(JobFollower)
      .follow(house.requester, id, { signal, resumeToken: token })) {
      if (event.type !== 'delta') continue;
      expect(event.offset).toBe(held.length);
      held += event.text;
    }
    const view = await house.intake.get(JobReader).view(house.requester, id);
    expect(held).toBe(view.output?.text);
  });

  it('drains to an exact bill when it is cancelled while running', async () => {
    house.simulator.behaviour.replace({ firstTokenDelayMs: 0, tokenDelayMs: 10 });
    const { id } = await submit('会議の議事録を要約してください。'.repeat(20));
    const events: JobEvent[] = [];
    const signal = AbortSignal.timeout(15_000);
    for await (const event of house.intake.get(JobFollower).follow(house.requester, id, { signal })) {
      if (event.type === 'delta' && !events.some(({ type }) => type === 'delta')) {
        await house.intake.get(JobCanceller).cancel(house.requester, id);
      }
      events.push(event);
    }
    expect(events.at(-1)).toEqual({ type: 'cancelled' });
    const [used] = await query<{ output: number }>(
      'SELECT output_tokens::int AS output FROM usage_records WHERE subject_id = $1',
      [id],
    );
    expect(used?.output).toBe(ledgerEntry(`${id}.1`)?.outputTokens);
  });

  it('sends the earlier turns of its conversation to the model, also what ended by the clock of a worker that is ahead', async () => {
    const first = await submit('一つ目の質問です。');
    await follow(first.id);
    await query(`UPDATE jobs SET finished_at = finished_at + interval '1 minute' WHERE id = $1 RETURNING id`, [
      first.id,
    ]);
    const second = await house.intake
      .get(JobIntake)
      .accept(house.requester, { ...ask('二つ目の質問です。'), conversationId: first.conversationId! });
    await follow(second.id);
    const alone = ledgerEntry(`${first.id}.1`)!;
    const together = ledgerEntry(`${second.id}.1`)!;
    expect(together.inputTokens).toBeGreaterThan(alone.inputTokens + alone.outputTokens / 2);
  });

  it('finishes although every delivery was lost from the queue', async () => {
    const source = await createDataSource(house.database.urls.superuser, 1).initialize();
    const { id } = await submit('待ち行列が消えても終わる質問です。');
    // As after a flush: admitted, handed over, and nobody has it.
    await source.query(
      `UPDATE admission_entries SET stage = 'running', deliveries = 1, admitted_at = now() - interval '1 hour', lease_expires_at = NULL WHERE job_id = $1`,
      [id],
    );
    await source.destroy();
    expect((await follow(id)).at(-1)?.type).toBe('completed');
  });
});
