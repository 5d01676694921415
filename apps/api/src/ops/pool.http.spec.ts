import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#libs/kernel';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { CITY_A, CITY_B, type TestCity, addApiKey, onboardCity, signInVendor } from '../../test/test-city.ts';

const DEPLOYMENT = {
  id: 'tokyo',
  position: 0,
  model: 'simulated-model',
  segments: ['lgwan'],
  provider: 'bedrock',
  region: 'ap-northeast-1',
  simulated: true,
  concurrency: 1,
  requestsPerMinute: 60,
};

describe('the vendor’s view of the pool', () => {
  let api: TestApi;
  let city: TestCity;
  let other: TestCity;
  let cookies: Record<'ops' | 'finance', string>;
  beforeAll(async () => {
    api = await createTestApi();
    [city, other] = [await onboardCity(api.app, CITY_A), await onboardCity(api.app, CITY_B)];
    cookies = { ops: await signInVendor(api, 'ops'), finance: await signInVendor(api, 'finance') };
    await api.eyes.query('SELECT pool_configure($1)', [JSON.stringify([DEPLOYMENT])]);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const get = (path: string) => api.on('vendor').get(`/api/ops/v1/${path}`).set('cookie', cookies.ops);
  const share = (id: string, body: object) =>
    api.on('vendor').patch(`/api/ops/v1/cities/${id}/share`).set('cookie', cookies.ops).send(body);

  it('tells what each deployment is granted and uses, and how the lanes stand', async () => {
    const { body } = await get('pool').expect(200);
    expect(body.deployments).toMatchObject([
      {
        id: 'tokyo',
        concurrency: 1,
        running: 0,
        headRoom: 0,
        requests: { granted: 60, used: 0, left: 60 },
        tokens: null,
        pace: 1,
        breaker: 'closed',
      },
    ]);
    expect(body.lanes.map(({ lane }: { lane: string }) => lane)).toEqual(['urgent', 'interactive', 'batch']);
    expect(body.totals).toEqual({ running: 0, waiting: 0 });
    expect((await get('pool/samples').expect(200)).body).toEqual({ items: [] });
    await get('pool/samples?minutes=61').expect(422);
  });

  it('tells where jobs wait, by city, and no word of them', async () => {
    const authorization = `Bearer ${await addApiKey(api.app, city)}`;
    const ask = { kind: 'chat', messages: [{ role: 'user', content: '質問の中身' }] };
    for (let job = 0; job < 3; job += 1)
      await api.on('lgwan').post('/api/v1/jobs').set({ authorization }).send(ask).expect(202);
    await api.eyes.query('SELECT admit()');
    const waiting = (await get('pool/cities?waiting=true').expect(200)).body;
    expect(waiting.items).toMatchObject([
      { code: CITY_A, running: 1, waiting: { urgent: 0, interactive: 2, batch: 0 }, weight: 1, runningFloor: null },
    ]);
    expect(waiting.items[0].oldestWaitMs).toBeGreaterThanOrEqual(0);
    const first = (await get('pool/cities?limit=1').expect(200)).body;
    const second = (await get(`pool/cities?limit=1&cursor=${first.nextCursor}`).expect(200)).body;
    expect([first.items[0].code, second.items[0].code]).toEqual([CITY_A, CITY_B]);
    expect(second.items[0]).toMatchObject({ running: 0, oldestWaitMs: null });
    expect((await get('pool').expect(200)).body.totals).toEqual({ running: 1, waiting: 2 });
    expect(JSON.stringify([waiting, first, second])).not.toContain('質問');
  });

  it('sets a city’s weight, floor and limit, and both chains say so', async () => {
    const { body } = await share(other.id, { weight: 2.5, runningFloor: 2, runningLimit: 8 }).expect(200);
    expect(body).toMatchObject({ code: CITY_B, weight: 2.5, runningFloor: 2, runningLimit: 8 });
    expect((await share(other.id, { runningFloor: null }).expect(200)).body).toMatchObject({
      weight: 2.5,
      runningFloor: null,
      runningLimit: 8,
    });
    const { rows } = await api.eyes.query<{ tenant_id: string; details: string }>(
      `SELECT tenant_id, details FROM audit_entries WHERE action = 'city.share-changed' ORDER BY occurred_at, tenant_id`,
    );
    expect(rows).toHaveLength(4);
    expect(rows.map(({ tenant_id }) => tenant_id)).toContain(other.id);
    expect(rows.map(({ details }) => JSON.parse(details))).toContainEqual(
      expect.objectContaining({ weight: 2.5, runningFloor: 2, runningLimit: 8 }),
    );
  });

  it('refuses a share that makes no sense', async () => {
    const refused = await share(other.id, { runningFloor: 9 }).expect(422);
    expect(refused.body.faults).toMatchObject([{ pointer: '/runningFloor' }]);
    for (const body of [{}, { weight: 0 }, { weight: 1_001 }, { runningLimit: 0 }, { runningLimit: 1.5 }])
      await share(other.id, body).expect(422);
    await share(newId(), { weight: 1 }).expect(404);
  });

  it('belongs to operations alone, on the vendor’s network', async () => {
    for (const path of ['pool', 'pool/samples', 'pool/cities']) {
      await api.on('vendor').get(`/api/ops/v1/${path}`).set('cookie', cookies.finance).expect(403);
      await api.on('lgwan').get(`/api/ops/v1/${path}`).set('cookie', cookies.ops).expect(404);
    }
    await api.on('vendor').patch(`/api/ops/v1/cities/${city.id}/share`).set('cookie', cookies.finance).expect(403);
  });
});
