import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BatchDesk, PLAN } from '../../test/batch-desk.ts';
import { addApiKey, changePolicy } from '../../test/test-city.ts';
import type { SegmentPolicyChange } from '#libs/tenancy';

const FREE: SegmentPolicyChange = {
  models: null,
  attachments: true,
  takeOut: { copy: true, download: true, export: true },
  retentionDays: null,
};
const TRIAL = 'from=2026-06-01&to=2026-06-28';
const QUESTION = { kind: 'chat', messages: [{ role: 'user', content: '質問' }] };

let desk: BatchDesk;
let key: { authorization: string };
beforeAll(async () => {
  desk = await BatchDesk.open();
  key = { authorization: `Bearer ${await addApiKey(desk.api.app, desk.city)}` };
});
afterAll(() => desk[Symbol.asyncDispose]());
afterEach(() => change(FREE));

const change = (what: SegmentPolicyChange) => changePolicy(desk.api, desk.city, what);
const get = (path: string) => desk.api.on('lgwan').get(path).set('cookie', desk.cookie);
const post = (path: string, body: object) => desk.api.on('lgwan').post(path).set('cookie', desk.cookie).send(body);
/** How often this was recorded, by the code it was refused with or the format it was given in. */
const recorded = (action: string, why: string) =>
  desk.value(
    `SELECT count(*)::int FROM audit_entries WHERE action = $1 AND $2 IN (details::json->>'code', details::json->>'format')`,
    action,
    why,
  );

describe('the models of a network', () => {
  it('are shown and taken only as far as the city allows them, on both apis', async () => {
    await change({ models: ['small-model'] });
    const { body } = await get('/api/v1/models').expect(200);
    expect(body.items).toMatchObject([{ id: 'small-model', isDefault: true }]);
    const { body: openAi } = await desk.api.on('lgwan').get('/api/openai/v1/models').set(key).expect(200);
    expect(openAi.data.map(({ id }: { id: string }) => id)).toEqual(['small-model']);

    const { body: refused } = await post('/api/v1/jobs', { ...QUESTION, model: 'simulated-model' }).expect(403);
    expect(refused.code).toBe('TENANCY.MODEL_NOT_ALLOWED');
    const { body: accepted } = await post('/api/v1/jobs', QUESTION).expect(202);
    expect(await desk.value('SELECT model FROM jobs WHERE id = $1', accepted.id)).toBe('small-model');
    const { body: completion } = await desk.api
      .on('lgwan')
      .post('/api/openai/v1/chat/completions')
      .set(key)
      .send({ model: 'simulated-model', messages: QUESTION.messages })
      .expect(403);
    expect(completion.error).toMatchObject({ code: 'TENANCY.MODEL_NOT_ALLOWED', type: 'permission_error' });
    expect(await recorded('job.refused', 'TENANCY.MODEL_NOT_ALLOWED')).toBe(2);
  });

  it('bind batches too, those begun before the change when they are tried again', async () => {
    const id = await desk.started();
    await desk.end(id, 2, 'failed');
    const draft = await desk.draft();
    await change({ models: ['small-model'] });
    for (const [path, body] of [
      [`/${draft}/forecast`, { ...PLAN, model: 'simulated-model' }],
      [`/${draft}/start`, { ...PLAN, model: 'simulated-model' }],
      [`/${id}/retry`, { round: 1 }],
    ] as const)
      expect((await desk.ask('post', path, body).expect(403)).body.code).toBe('TENANCY.MODEL_NOT_ALLOWED');
  });
});

describe('files', () => {
  it('are not brought in where the city forbids it, by people and systems, and the refusal is recorded', async () => {
    await change({ attachments: false });
    const before = await desk.stored();
    for (const as of [{ cookie: desk.cookie }, key])
      expect((await desk.upload('氏名\n山田\n', as).expect(403)).body.code).toBe('TENANCY.ATTACHMENTS_REFUSED');
    expect(await desk.stored()).toEqual(before);
    expect(await recorded('access.refused', 'TENANCY.ATTACHMENTS_REFUSED')).toBe(2);
  });

  it('of results are not taken out where downloads are forbidden; they can still be read, and exports go on', async () => {
    const id = await desk.started();
    await change({ takeOut: { download: false } });
    expect((await desk.ask('get', `/${id}/results?format=csv`).expect(403)).body.code).toBe('TENANCY.TAKE_OUT_REFUSED');
    await desk.ask('get', `/${id}/rows`).expect(200);
    await get('/api/v1/forecast.csv').expect(200);
    await change(FREE);
    await desk.ask('get', `/${id}/results?format=csv`).expect(200);
    expect(await recorded('batch.exported', 'csv')).toBe(1);
  });

  it.each([
    [`estimate.csv?${TRIAL}`, 'estimate.exported', 'csv'],
    [`estimate.xlsx?${TRIAL}`, 'estimate.exported', 'xlsx'],
    ['forecast.csv', 'forecast.exported', 'csv'],
  ])(
    'of the city’s records are not taken out where exports are forbidden, else on record: %s',
    async (path, action, format) => {
      const before = Number(await recorded(action, format));
      await change({ takeOut: { export: false } });
      expect((await get(`/api/v1/${path}`).expect(403)).body.code).toBe('TENANCY.TAKE_OUT_REFUSED');
      expect(await recorded(action, format)).toBe(before);
      await change(FREE);
      await get(`/api/v1/${path}`).expect(200);
      expect(await recorded(action, format)).toBe(before + 1);
    },
  );
});

describe('what people are told of their network', () => {
  it('is whether they may copy, take out and bring in, and for how long their words are kept', async () => {
    await change({ takeOut: { copy: false }, retentionDays: 30 });
    const { body } = await get('/api/v1/me').expect(200);
    expect(body.policy).toEqual({
      attachments: true,
      takeOut: { copy: false, download: true, export: true },
      retentionDays: 30,
    });
  });

  it('is the last day of each conversation', async () => {
    const { body: job } = await post('/api/v1/jobs', QUESTION).expect(202);
    const read = async () => (await get(`/api/v1/conversations/${job.conversationId}`).expect(200)).body;
    expect((await read()).keptUntil).toBeNull();
    await desk.value(`UPDATE jobs SET accepted_at = '2026-11-22T14:59:59Z' WHERE id = $1`, job.id);
    await change({ retentionDays: 90 });
    expect((await read()).keptUntil).toBe('2027-02-20');
    const { body: list } = await get('/api/v1/conversations').expect(200);
    expect(list.items.map((one: { keptUntil: string }) => one.keptUntil)).toContain('2027-02-20');
  });
});
