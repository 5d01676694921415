import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, createTestApi } from '../../../test/test-api.ts';
import {
  CITY_A,
  CITY_B,
  type TestCity,
  addMember,
  onboardCity,
  signIn,
  signInVendor,
} from '../../../test/test-city.ts';
import { newId } from '#libs/kernel';

const PATH = '/api/v1/segment-policies';
const DESK = '192.0.2.10';

describe('segment policies', () => {
  let api: TestApi;
  let city: TestCity;
  let admin: string;
  let ops: string;
  beforeAll(async () => {
    api = await createTestApi();
    city = await onboardCity(api.app, CITY_A);
    await onboardCity(api.app, CITY_B);
    admin = await signIn(api, city, city.admin);
    ops = await signInVendor(api, 'ops');
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const read = (cookie = admin) => api.on('lgwan', DESK).get(PATH).set('cookie', cookie);
  const change = (segment: string, body: object, cookie = admin) =>
    api.on('lgwan', DESK).patch(`${PATH}/${segment}`).set('cookie', cookie).send(body);
  const vendor = (method: 'get' | 'patch', path: string, body?: object) =>
    api.on('vendor')[method](`/api/ops/v1/cities/${path}`).set('cookie', ops).send(body);

  it('are read with the models each network has and the place one reads from', async () => {
    const { body } = await read().expect(200);
    expect(body.here).toEqual({ segment: 'lgwan', address: DESK });
    expect(body.items.map(({ segment, open }: { segment: string; open: boolean }) => [segment, open])).toEqual([
      ['my_number', true],
      ['lgwan', true],
      ['internet', false],
    ]);
    expect(body.items[1].availableModels).toMatchObject([{ id: 'simulated-model' }, { id: 'small-model' }]);
    expect(body.items[2].availableModels).toEqual([]);
  });

  it('are changed by administrators alone, one switch at a time, on record', async () => {
    for (const role of ['staff', 'manager', 'auditor'] as const) {
      const cookie = await signIn(api, city, await addMember(api.app, city, { loginId: role, role }));
      await change('my_number', { attachments: false }, cookie).expect(403);
      await read(cookie).expect(role === 'auditor' ? 200 : 403);
    }
    const { body } = await change('my_number', { takeOut: { copy: false }, retentionDays: 365 }).expect(200);
    expect(body).toMatchObject({ takeOut: { copy: false, download: true, export: true }, retentionDays: 365 });
    const { body: trail } = await api
      .on('lgwan', DESK)
      .get('/api/v1/audit-entries?action=segment-policy.changed')
      .set('cookie', admin)
      .expect(200);
    expect(trail.items[0]).toMatchObject({
      subject: { type: 'segment-policy', id: 'my_number' },
      details: { takeOut: 'download export', retentionDays: 365 },
    });
  });

  it.each([
    [{}, '変更する項目がありません。'],
    [{ retentionDays: 0 }, ''],
    [{ addressRanges: ['city hall'] }, '10.20.0.0/16'],
    [{ models: [] }, ''],
    [{ unknown: true }, ''],
    [{ segment: 'internet' }, ''],
  ])('are refused with the place of the mistake: %j', async (body, words) => {
    const { body: problem } = await change('my_number', body).expect(422);
    expect(JSON.stringify(problem)).toContain(words);
  });

  it('name only models and networks there are, and ranges as they begin', async () => {
    expect((await change('lgwan', { models: ['gpt'] }).expect(422)).body).toMatchObject({
      code: 'JOBS.MODEL_UNKNOWN',
      faults: [{ pointer: '/models/0' }],
    });
    expect((await change('lgwan', { addressRanges: ['192.0.2.1/24'] }).expect(422)).body).toMatchObject({
      code: 'TENANCY.ADDRESS_RANGE_INVALID',
      faults: [{ pointer: '/addressRanges/0', message: expect.stringContaining('192.0.2.0/24') }],
    });
    await change('dmz', { open: true }).expect(404);
  });

  it('let nobody shut themselves out, and change nothing then', async () => {
    for (const body of [{ open: false }, { addressRanges: ['198.51.100.0/24'] }]) {
      const { body: problem } = await change('lgwan', body).expect(409);
      expect(problem).toMatchObject({ code: 'TENANCY.OWN_ADDRESS_LEFT_OUT', detail: expect.stringContaining(DESK) });
    }
    expect((await read().expect(200)).body.items[1]).toMatchObject({ open: true, addressRanges: [] });
    await change('lgwan', { addressRanges: ['192.0.2.0/24', '127.0.0.0/8'] }).expect(200);
    await change('internet', { open: true }).expect(200);
  });

  it('say what a shorter retention would erase', async () => {
    const { body } = await api
      .on('lgwan', DESK)
      .get(`${PATH}/my_number/erasures?retentionDays=1`)
      .set('cookie', admin)
      .expect(200);
    expect(body).toEqual({ questions: 0, conversations: 0, batches: 0 });
  });

  it('are seen and changed by the vendor for each city, in both chains', async () => {
    const { body } = await vendor('patch', `${city.id}/segment-policies/internet`, {
      open: true,
      addressRanges: ['203.0.113.0/24'],
      mfa: 'required',
    }).expect(200);
    expect(body).toMatchObject({ segment: 'internet', addressRanges: ['203.0.113.0/24'], mfa: 'required' });
    const { body: list } = await vendor('get', `${city.id}/segment-policies`).expect(200);
    expect(list.items[2]).toEqual({ ...body, availableModels: [] });
    const { body: trail } = await api
      .on('lgwan', DESK)
      .get('/api/v1/audit-entries?action=segment-policy.changed')
      .set('cookie', admin)
      .expect(200);
    expect(trail.items[0]).toMatchObject({ actor: { type: 'vendor' }, details: { segment: 'internet' } });
    await vendor('get', `${newId()}/segment-policies`).expect(404);
    await vendor('patch', `${newId()}/segment-policies/lgwan`, { open: false }).expect(404);
  });
});
