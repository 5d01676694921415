import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#libs/kernel';
import { BatchDesk, PLAN } from '../../../test/batch-desk.ts';
import { signInVendor } from '../../../test/test-city.ts';

const YEN_PRICE = {
  model: 'simulated-model',
  currency: 'JPY',
  ...{ input: '150', output: '600.5', cacheRead: '15', cacheWrite: '190' },
  source: '見積（試験）',
  validFrom: '2026-04-01',
};

describe('what a batch costs', () => {
  let desk: BatchDesk;
  beforeAll(async () => {
    desk = await BatchDesk.open();
  });
  afterAll(() => desk[Symbol.asyncDispose]());

  const forecast = async (id: string) => (await desk.ask('post', `/${id}/forecast`, PLAN).expect(200)).body;

  /** In force by two people, as every price is. */
  async function publishPrice(): Promise<void> {
    const as = async (role: 'finance' | 'approver', path: string, body: object) => {
      const cookie = await signInVendor(desk.api, role);
      return desk.api.on('vendor').post(`/api/finance/v1/prices${path}`).set({ cookie }).send(body);
    };
    const { body: price } = await as('finance', '', YEN_PRICE);
    await as('approver', `/${price.id}/approve`, {});
  }

  it('is told in yen before the start by the published price, rounded up, and not at all without one', async () => {
    const id = await desk.draft();
    expect(await forecast(id)).toMatchObject({ estimatedJpy: null });
    await publishPrice();
    const { rowCount, estimatedTokens, estimatedJpy } = await forecast(id);
    const output = rowCount * (PLAN.maxTokens / 2);
    const input = estimatedTokens - output;
    expect(estimatedJpy).toBe(Math.ceil((input * 150 + output * 600.5) / 1_000_000));
  });

  it('is told in tokens once it runs, with its plan, also of calls of rows that were tried again', async () => {
    const id = await desk.started();
    const read = async () => (await desk.ask('get', `/${id}`).expect(200)).body;
    expect(await read()).toMatchObject({ usage: null, plan: { ...PLAN, model: 'simulated-model', purposeCode: null } });
    await desk.end(id, 2, 'failed');
    await use(id, 2, 20);
    await desk.ask('post', `/${id}/retry`, { round: 1 }).expect(202);
    await use(id, 2, 100);
    expect(await read()).toMatchObject({ usage: { inputTokens: 120, outputTokens: 2, cacheReadTokens: 0 } });
  });

  it('is final when its last row has ended and what lost calls have used is known', async () => {
    const id = await desk.started();
    const isFinal = async () => (await desk.ask('get', `/${id}`).expect(200)).body.isUsageFinal;
    for (const row of [2, 3]) await desk.end(id, row, 'completed');
    expect(await isFinal()).toBe(false);
    await lose(id, 4);
    await desk.end(id, 4, 'completed');
    expect(await isFinal()).toBe(false);
    await desk.api.eyes.query(`UPDATE lost_calls SET resolved_at = now(), outcome = 'billed'`);
    expect(await isFinal()).toBe(true);
  });

  /** A call of a row is owed, and nobody knows yet what it has used. */
  async function lose(id: string, row: number): Promise<void> {
    await desk.api.eyes.query(
      `INSERT INTO lost_calls (tenant_id, id, segment, job_id, call_id, deployment_id, accepted_at, estimated_input_tokens,
         estimated_output_tokens, input_characters, output_characters)
       SELECT tenant_id, $3, segment, id, id || '.1', 'd', accepted_at, 1, 1, 1, 1 FROM jobs WHERE batch_id = $1 AND batch_row = $2`,
      [id, row, newId()],
    );
  }

  /** What the call of a row has used. */
  async function use(id: string, row: number, inputTokens: number): Promise<void> {
    await desk.api.eyes.query(
      `INSERT INTO usage_records (tenant_id, id, subject_type, subject_id, segment, model, deployment_id, input_tokens,
         output_tokens, cache_read_tokens, cache_write_tokens, input_characters, output_characters, source, accepted_at,
         recorded_at, billing_month)
       SELECT tenant_id, $3, 'job', id, segment, model, 'd', $4, 1, 0, 0, 0, 0, 'provider', now(), now(), date_trunc('month', now())
       FROM jobs WHERE batch_id = $1 AND batch_row = $2 AND retried_at IS NULL`,
      [id, row, newId(), inputTokens],
    );
  }
});
