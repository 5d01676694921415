import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isMunicipalityCode, jstMonthOf } from '#libs/kernel';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { signInEnrolled } from '../../test/test-city.ts';
import { type DemoFile, DemoSeeder } from './demo-seeder.ts';

type Seeded = Omit<DemoFile, 'origins'>;

describe('the demo', () => {
  let api: TestApi;
  let first: Seeded;
  let second: Seeded;
  const vendor = new Map<string, { cookie: string }>();
  beforeAll(async () => {
    api = await createTestApi();
    first = await DemoSeeder.in(api.app).seed();
    second = await DemoSeeder.in(api.app).seed();
    for (const user of second.vendor) vendor.set(user.role, { cookie: await signInEnrolled(api, user) });
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const attempt = (seeded: Seeded, city: number, member: number) => {
    const { code, members } = seeded.cities[city]!;
    const { loginId, password, segment } = members[member]!;
    return api.on(segment).post('/api/v1/sessions').send({ cityCode: code, loginId, password });
  };

  it('has the members, keys and vendor users that other programs count on', () => {
    expect(second.cities.length).toBeGreaterThanOrEqual(3);
    for (const { code, members, ...city } of second.cities) {
      expect(isMunicipalityCode(code)).toBe(true);
      expect(Object.keys(city).sort()).toEqual(['apiKey', 'name', 'purposeCode']);
      const kinds = members.map(({ role, segment }) => `${role}@${segment}`).sort();
      expect(kinds).toEqual(['admin@lgwan', 'auditor@lgwan', 'manager@lgwan', 'staff@lgwan', 'staff@my_number']);
      for (const { password, department } of members) {
        expect(password.length).toBeGreaterThanOrEqual(15);
        expect(department.length).toBeGreaterThan(0);
      }
    }
    expect(second.vendor.map(({ role }) => role)).toEqual(['ops', 'ops', 'finance', 'approver']);
  });

  it('lets everyone in, and made again gives everyone a new password', async () => {
    for (const [city, { members }] of second.cities.entries())
      for (const member of members.keys()) {
        const { body } = await attempt(second, city, member).expect(201);
        expect(body.member.department.name).toBe(members[member]!.department);
      }
    await attempt(first, 0, 0).expect(401);
    for (const { apiKey } of second.cities)
      await api.on('lgwan').get('/api/v1/models').set('authorization', `Bearer ${apiKey}`).expect(200);
    for (const { cookie } of vendor.values()) await api.on('vendor').get('/api/ops/v1/me').set({ cookie }).expect(200);
  });

  it('publishes templates once, to the city and to a department', async () => {
    const titles = async (member: number) => {
      const cookie = (await attempt(second, 0, member).expect(201)).headers['set-cookie']!;
      const { body } = await api.on('lgwan').get('/api/v1/templates').set('cookie', cookie).expect(200);
      return (body.items as { audience: string }[]).map(({ audience }) => audience).toSorted();
    };
    const staff = second.cities[0]!.members.findIndex(({ loginId }) => loginId === 'staff');
    expect(await titles(staff)).toEqual(['city', 'city', 'department']);
  });

  it('prices every model that is served, and leaves one proposal to try the approval of two on', async () => {
    const { body } = await api.on('lgwan').get('/api/v1/prices').expect(200);
    const priced = body.items.map(({ model }: { model: string }) => model);
    for (const { model } of api.config.model.deployments) expect(priced).toContain(model);
    expect(body.items.every(({ yen }: { yen: object | null }) => yen !== null)).toBe(true);
    const as = vendor.get('approver')!;
    const { body: book } = await api.on('vendor').get('/api/finance/v1/prices').set(as).expect(200);
    const [proposal, ...others] = book.items.filter(({ state }: { state: string }) => state === 'proposed');
    expect(others).toEqual([]);
    await api.on('vendor').post(`/api/finance/v1/prices/${proposal.id}/approve`).set(as).expect(200);
  });

  it('has a contract of this fiscal year for every city, and one change of terms to try the approval of two on', async () => {
    const as = vendor.get('finance')!;
    const { body } = await api.on('vendor').get('/api/finance/v1/contracts').set(as).expect(200);
    expect(body.items.map(({ city }: { city: { code: string } }) => city.code)).toEqual(
      second.cities.map(({ code }) => code).sort(),
    );
    expect(body.items.every(({ state }: { state: string }) => state === 'current')).toBe(true);
    const councils = body.items.filter(({ council }: { council: object | null }) => council !== null);
    expect(councils).toHaveLength(2);
    const month = jstMonthOf(new Date());
    // In March there is no later month of the fiscal year that other terms could begin in
    expect(body.items.some(({ awaitsApproval }: { awaitsApproval: boolean }) => awaitsApproval)).toBe(
      !month.endsWith('-03'),
    );
    const missing = await api.on('vendor').get(`/api/finance/v1/contracts/missing-cities?month=${month}`).set(as);
    expect(missing.body.items).toEqual([]);
  });
});
