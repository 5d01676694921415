import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jstMonthOf, newId } from '#libs/kernel';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { CITY_A, onboardCity, signInVendor } from '../../test/test-city.ts';

const CORRECTIONS = '/api/finance/v1/usage-corrections';
const MONTH = jstMonthOf(new Date());

describe('corrections of use', () => {
  let api: TestApi;
  let cookies: Record<'finance' | 'approver' | 'ops', string>;
  let tenantId: string;
  beforeAll(async () => {
    api = await createTestApi();
    cookies = {
      finance: await signInVendor(api, 'finance'),
      approver: await signInVendor(api, 'approver'),
      ops: await signInVendor(api, 'ops'),
    };
    tenantId = (await onboardCity(api.app, CITY_A)).id;
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const get = (path = '', who: keyof typeof cookies = 'finance') =>
    api.on('vendor').get(`${CORRECTIONS}${path}`).set('cookie', cookies[who]);
  const post = (path: string, body: object = {}, who: keyof typeof cookies = 'finance') =>
    api.on('vendor').post(`${CORRECTIONS}${path}`).set('cookie', cookies[who]).send(body);

  /** A call of 1,000 tokens in and 200 out, and what takes 300 in back. */
  async function wrongCall() {
    const id = newId();
    await api.eyes.query(
      `INSERT INTO usage_records (tenant_id, id, subject_type, subject_id, segment, model, deployment_id, input_tokens,
         output_tokens, cache_read_tokens, cache_write_tokens, input_characters, output_characters, source, accepted_at,
         recorded_at, billing_month)
       VALUES ($1, $2, 'job', $2, 'lgwan', 'opus', 'd', 1000, 200, 0, 0, 0, 0, 'provider', now(), now(), $3)`,
      [tenantId, id, `${MONTH}-01`],
    );
    return {
      usageRecordId: id,
      reason: '再送の二重計上（提供事業者の記録で確認）',
      inputTokens: -300,
      outputTokens: 0,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      inputCharacters: 0,
      outputCharacters: 0,
    };
  }

  it('are billed by the first open month once another person has approved them', async () => {
    const wanted = await wrongCall();
    const { body: proposed } = await post('', wanted).expect(201);
    expect(proposed).toMatchObject({
      ...wanted,
      model: 'opus',
      proposedBy: 'finance',
      approvedBy: null,
      billingMonth: null,
    });
    const refused = await post(`/${proposed.id}/approve`).expect(403);
    expect(refused.body.code).toBe('BILLING.SAME_PERSON');
    const { body: approved } = await post(`/${proposed.id}/approve`, {}, 'approver').expect(200);
    expect(approved).toMatchObject({ approvedBy: 'approver', billingMonth: MONTH });
    const again = await post(`/${proposed.id}/approve`, {}, 'approver').expect(409);
    expect(again.body.code).toBe('BILLING.STEP_NOT_POSSIBLE');
    const { rows } = await api.eyes.query(
      `SELECT action, details::jsonb->>'usageRecord' AS record FROM audit_entries WHERE subject_id = $1 ORDER BY sequence`,
      [proposed.id],
    );
    expect(rows).toEqual(
      ['proposed', 'approved'].map((verb) => ({
        action: `usage-correction.${verb}`,
        record: wanted.usageRecordId,
      })),
    );
  });

  it('are taken back until somebody has approved them, and then leave room for the right one', async () => {
    const wanted = { ...(await wrongCall()), inputTokens: -800 };
    const { body: wrong } = await post('', wanted).expect(201);
    await post('', wanted).expect(422);
    await post(`/${wrong.id}/withdraw`, {}, 'approver').expect(403);
    const { body: withdrawn } = await post(`/${wrong.id}/withdraw`).expect(200);
    expect(withdrawn).toMatchObject({ withdrawnBy: 'finance', approvedBy: null, billingMonth: null });
    for (const step of ['withdraw', 'approve']) {
      const refused = await post(`/${wrong.id}/${step}`).expect(409);
      expect(refused.body.code).toBe('BILLING.STEP_NOT_POSSIBLE');
    }
    const { body: right } = await post('', wanted).expect(201);
    await post(`/${right.id}/approve`, {}, 'approver').expect(200);
    await post(`/${right.id}/withdraw`).expect(409);
    await post(`/${newId()}/withdraw`).expect(404);
  });

  it('are proposed once under an Idempotency-Key', async () => {
    const wanted = await wrongCall();
    const send = (body: object) => post('', body).set('idempotency-key', 'november');
    const [first, second] = await Promise.all([send(wanted), send(wanted)]);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    const other = await send({ ...wanted, inputTokens: -301 }).expect(409);
    expect(other.body.code).toBe('REQUEST.IDEMPOTENCY_MISMATCH');
  });

  it('are listed newest first, whatever their ids', async () => {
    const wanted = await wrongCall();
    const ids: string[] = [];
    for (const key of ['one', 'two', 'three']) {
      const { body } = await post('', wanted).set('idempotency-key', key).expect(201);
      ids.unshift(body.id);
    }
    const { body: first } = await get('?limit=2', 'approver').expect(200);
    const { body: rest } = await get(`?limit=1&cursor=${first.nextCursor}`).expect(200);
    expect([...first.items, ...rest.items].map(({ id }: { id: string }) => id)).toEqual(ids);
  });

  it('never leave less than nothing, nor nothing changed, and are of a call that there was', async () => {
    const wanted = await wrongCall();
    const tooLarge = await post('', { ...wanted, inputTokens: -1_001 }).expect(422);
    expect(tooLarge.body.code).toBe('BILLING.CORRECTION_TOO_LARGE');
    const idle = await post('', { ...wanted, inputTokens: 0 }).expect(422);
    expect(idle.body.faults).toMatchObject([{ pointer: '/inputTokens' }]);
    await post('', { ...wanted, usageRecordId: newId() }).expect(404);
    await post(`/${newId()}/approve`).expect(404);
  });

  it('are proposed by finance, approved by finance and approvers, and seen by nobody else', async () => {
    const wanted = await wrongCall();
    await post('', wanted, 'approver').expect(403);
    await post('', wanted, 'ops').expect(403);
    await get('', 'ops').expect(403);
  });
});
