import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SERVICE_KEY_SCOPES, SERVICE_SCOPE_PERMISSIONS } from '#libs/identity';
import { jstDayOf, newId } from '#libs/kernel';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { CITY_A, addApiKey, onboardCity, signInVendor } from '../../test/test-city.ts';

const KEYS = '/api/finance/v1/service-keys';
const inDays = (days: number) => jstDayOf(new Date(Date.now() + days * 86_400_000));

describe('a service key', () => {
  let api: TestApi;
  let cookies: Record<'finance' | 'approver' | 'ops', string>;
  let cityKey: string;
  beforeAll(async () => {
    api = await createTestApi();
    cookies = {
      finance: await signInVendor(api, 'finance'),
      approver: await signInVendor(api, 'approver'),
      ops: await signInVendor(api, 'ops'),
    };
    cityKey = await addApiKey(api.app, await onboardCity(api.app, CITY_A));
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const create = (body: object = {}, who: keyof typeof cookies = 'finance') =>
    api
      .on('vendor')
      .post(KEYS)
      .set('cookie', cookies[who])
      .send({ name: '会計システム', scopes: ['usage', 'reconciliation'], expiresOn: inDays(30), ...body });
  const get = (path: string, key: string) => api.on('vendor').get(path).set('authorization', `Bearer ${key}`);
  const USAGE = '/api/finance/v1/usage?month=2026-05';

  it('reads what its scopes name, and nothing else', async () => {
    const { serviceKey } = (await create().expect(201)).body;
    await get(USAGE, serviceKey).expect(200);
    await get('/api/finance/v1/reconciliations/2026-05', serviceKey).expect(200);
    await get('/api/finance/v1/prices', serviceKey).expect(403);
    for (const path of [KEYS, '/api/ops/v1/cities', '/api/ops/v1/me']) await get(path, serviceKey).expect(403);
    const write = (path: string) => api.on('vendor').post(path).set('authorization', `Bearer ${serviceKey}`);
    await write(`/api/finance/v1/variances/${newId()}/entries`).send({ kind: 'posted', explanation: 'x' }).expect(403);
    await write('/api/finance/v1/cost-reports?month=2026-05').set('content-type', 'text/csv').send('x').expect(403);
    const { rows } = await api.eyes.query(
      `SELECT DISTINCT actor_type FROM audit_entries WHERE action = 'access.refused'`,
    );
    expect(rows).toEqual([{ actor_type: 'service_key' }]);
  });

  it('can be given no scope that does more than read', () => {
    expect(Object.keys(SERVICE_SCOPE_PERMISSIONS)).toEqual([...SERVICE_KEY_SCOPES]);
    expect(
      Object.values(SERVICE_SCOPE_PERMISSIONS)
        .flat()
        .filter((permission) => !permission.endsWith(':read')),
    ).toEqual([]);
  });

  it('takes an export out in its own name', async () => {
    const { id, serviceKey } = (await create().expect(201)).body;
    await get('/api/finance/v1/usage.csv?month=2026-05', serviceKey).expect(200);
    const { rows } = await api.eyes.query(
      `SELECT actor_type, actor_id FROM audit_entries WHERE action = 'usage.exported' AND actor_id = $1`,
      [id],
    );
    expect(rows).toEqual([{ actor_type: 'service_key', actor_id: id }]);
  });

  it('is shown once and kept as a hash', async () => {
    const { id, serviceKey, ...key } = (await create().expect(201)).body;
    expect(serviceKey).toMatch(/^moyai_svc_[\w-]{22}_[\w-]{43}$/);
    expect(key).toMatchObject({ name: '会計システム', createdBy: 'finance', lastUsedAt: null, revokedAt: null });
    const { body } = await api.on('vendor').get(KEYS).set('cookie', cookies.finance).expect(200);
    expect(body.items[0].id).toBe(id);
    expect(JSON.stringify(body)).not.toContain(serviceKey.slice(-43));
    const { rows } = await api.eyes.query('SELECT k::text AS row FROM vendor_service_keys k WHERE id = $1', [id]);
    expect(rows[0].row).not.toContain(serviceKey.slice(-43));
    await get(USAGE, serviceKey).expect(200);
    const { body: used } = await api.on('vendor').get(KEYS).set('cookie', cookies.finance).expect(200);
    expect(used.items[0].lastUsedAt).not.toBeNull();
  });

  it('is dead at once when it is revoked or has expired, and is no key of another plane', async () => {
    const { id, serviceKey } = (await create().expect(201)).body;
    await api.on('lgwan').get('/api/v1/me').set('authorization', `Bearer ${serviceKey}`).expect(401);
    await api.on('lgwan').get(USAGE).set('authorization', `Bearer ${serviceKey}`).expect(404);
    await get(USAGE, cityKey).expect(401);
    await get(USAGE, `${serviceKey.slice(0, -1)}${serviceKey.endsWith('A') ? 'B' : 'A'}`).expect(401);
    await get(USAGE, serviceKey).set('cookie', cookies.finance).expect(200);
    await api.on('vendor').delete(`${KEYS}/${id}`).set('cookie', cookies.finance).expect(204);
    await api.on('vendor').delete(`${KEYS}/${id}`).set('cookie', cookies.finance).expect(204);
    await get(USAGE, serviceKey).expect(401);
    // Who names a credential means that one, whatever cookie the browser adds
    await get(USAGE, serviceKey).set('cookie', cookies.finance).expect(401);
    const { serviceKey: old, id: oldId } = (await create().expect(201)).body;
    await api.eyes.query(
      `UPDATE vendor_service_keys SET created_at = now() - interval '2 days', expires_at = now() - interval '1 second' WHERE id = $1`,
      [oldId],
    );
    await get(USAGE, old).expect(401);
    await api.on('vendor').delete(`${KEYS}/${newId()}`).set('cookie', cookies.finance).expect(404);
  });

  it('is made by finance alone, for a year at most', async () => {
    for (const who of ['approver', 'ops'] as const) await create({}, who).expect(403);
    for (const expiresOn of [inDays(-1), inDays(367), '2026-02-30']) await create({ expiresOn }).expect(422);
    for (const scopes of [[], ['everything']]) await create({ scopes }).expect(422);
    await create({ expiresOn: inDays(365) }).expect(201);
  });
});
