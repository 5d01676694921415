import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpsDatabase } from '#libs/database';
import { CityAccess, FirstAdmin, Invitations } from '#libs/identity';
import { type TestApi, createTestApi } from '../../../test/test-api.ts';
import { CITY_A, CITY_B, type TestCity, onboardCity, signIn } from '../../../test/test-city.ts';

const PASSWORD = 'correct mule stapler 電池';
const SYSTEM = { type: 'system', id: null } as const;

describe('an invitation', () => {
  let api: TestApi;
  let city: TestCity;
  let admin: string;
  beforeAll(async () => {
    api = await createTestApi();
    city = await onboardCity(api.app, CITY_A);
    admin = await signIn(api, city, city.admin);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const asAdmin = (method: 'post' | 'patch' | 'delete', path: string, body: object = {}) =>
    api.on('lgwan')[method](`/api/v1/${path}`).set('cookie', admin).send(body);
  const accept = (token: string, newPassword = PASSWORD) =>
    api.on('lgwan').post('/api/v1/invitation-acceptances').send({ token, newPassword });
  const look = (token: string) => api.on('lgwan').post('/api/v1/invitation-lookups').send({ token });

  async function invite(loginId: string, segment = 'lgwan'): Promise<{ id: string; token: string }> {
    const wish = { loginId, displayName: `職員 ${loginId}`, role: 'staff', segment, credential: 'invitation' };
    const { body } = await asAdmin('post', 'members', wish).expect(201);
    expect(body).toMatchObject({ initialPassword: null, member: { hasPassword: false } });
    return { id: body.member.id, token: body.invitation.token };
  }

  it('tells its holder whom it is for, and lets them set the password they then sign in with', async () => {
    const { token } = await invite('new');
    const { body } = await look(token).expect(200);
    expect(body).toMatchObject({ city: { code: CITY_A }, loginId: 'new', displayName: '職員 new' });
    await accept(token).expect(204);
    await signIn(api, city, { loginId: 'new', password: PASSWORD });
  });

  it('is used once, also when it is used twice at once', async () => {
    const { token } = await invite('twice');
    const answers = await Promise.all(Array.from({ length: 8 }, () => accept(token)));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    for (const { body } of answers.filter(({ status }) => status !== 204))
      expect(body.code).toBe('IDENTITY.INVITATION_USED');
    expect((await look(token).expect(409)).body.code).toBe('IDENTITY.INVITATION_USED');
  });

  it('survives a password that is refused', async () => {
    const { token } = await invite('weak');
    expect((await accept(token, 'short').expect(422)).body.code).toBe('IDENTITY.PASSWORD_REFUSED');
    await accept(token).expect(204);
  });

  it('ends after 14 days, when a newer one is issued and when it is revoked', async () => {
    const { id, token } = await invite('ends');
    const { body: newer } = await asAdmin('post', `members/${id}/invitations`).expect(201);
    expect(Math.round((Date.parse(newer.expiresAt) - Date.now()) / 86_400_000)).toBe(14);
    expect((await accept(token).expect(409)).body.code).toBe('IDENTITY.INVITATION_REVOKED');
    await api.eyes.query(
      `UPDATE member_invitations SET created_at = now() - interval '15 days', expires_at = now() - interval '1 second'
       WHERE member_id = $1`,
      [id],
    );
    expect((await accept(newer.token).expect(409)).body.code).toBe('IDENTITY.INVITATION_EXPIRED');
    const { body: last } = await asAdmin('post', `members/${id}/invitations`).expect(201);
    await asAdmin('delete', `members/${id}/invitations`).expect(204);
    expect((await accept(last.token).expect(409)).body.code).toBe('IDENTITY.INVITATION_REVOKED');
  });

  it('opens nothing for a member who was disabled, and none is issued to one', async () => {
    const { id, token } = await invite('gone');
    await asAdmin('patch', `members/${id}`, { status: 'disabled' }).expect(200);
    expect((await accept(token).expect(409)).body.code).toBe('IDENTITY.MEMBER_DISABLED');
    const { body } = await asAdmin('post', `members/${id}/invitations`).expect(409);
    expect(body.code).toBe('IDENTITY.MEMBER_DISABLED');
  });

  it('is not there on another network, and neither is one that was made up', async () => {
    const { token } = await invite('mn', 'my_number');
    expect((await accept(token).expect(422)).body.code).toBe('IDENTITY.INVITATION_UNKNOWN');
    for (const wrong of ['x', `${token.slice(0, -4)}AAAA`, `inv.${'A'.repeat(22)}.${'A'.repeat(22)}.${'A'.repeat(43)}`])
      expect((await accept(wrong).expect(422)).body.code).toBe('IDENTITY.INVITATION_UNKNOWN');
    const there = api.on('my_number').post('/api/v1/invitation-acceptances');
    await there.send({ token, newPassword: PASSWORD }).expect(204);
  });

  it('waits while the city is suspended', async () => {
    const { token } = await invite('later');
    const suspend = async (status: string): Promise<void> => {
      await api.eyes.query('UPDATE tenants SET status = $2 WHERE id = $1', [city.id, status]);
      api.app.get(CityAccess).changed(city.id);
    };
    await suspend('suspended');
    expect((await accept(token).expect(403)).body.code).toBe('TENANCY.SUSPENDED');
    await suspend('active');
    await accept(token).expect(204);
  });

  it('ends the sessions of a member who had a password, once it is used', async () => {
    const { id, token } = await invite('again');
    await accept(token).expect(204);
    const cookie = await signIn(api, city, { loginId: 'again', password: PASSWORD });
    const { body } = await asAdmin('post', `members/${id}/invitations`).expect(201);
    await api.on('lgwan').get('/api/v1/me').set('cookie', cookie).expect(200);
    await accept(body.token, `${PASSWORD} 2`).expect(204);
    await api.on('lgwan').get('/api/v1/me').set('cookie', cookie).expect(401);
  });

  it('of the vendor opens only an administrator who never came', async () => {
    const other = await onboardCity(api.app, CITY_B);
    const { id, first } = await api.app.get(OpsDatabase).run(async (tx) => {
      await tx.actOn(other.id);
      const second = { loginId: 'second', displayName: '管理 二郎', segment: 'lgwan' } as const;
      const memberId = await api.app.get(FirstAdmin).create(tx, other.id, second, null);
      return { id: memberId, first: await api.app.get(Invitations).issue(tx, SYSTEM, memberId) };
    });
    await accept(first.token).expect(204);
    const again = await api.app.get(OpsDatabase).run(async (tx) => {
      await tx.actOn(other.id);
      return api.app.get(Invitations).issue(tx, SYSTEM, id);
    });
    expect((await accept(again.token).expect(409)).body.code).toBe('IDENTITY.INVITATION_REVOKED');
  });

  it('is written down without its token', async () => {
    const { token } = await invite('seen');
    await accept(token).expect(204);
    const { text, body } = await api
      .on('lgwan')
      .get('/api/v1/audit-entries?limit=100')
      .set('cookie', admin)
      .expect(200);
    const actions = body.items.map(({ action }: { action: string }) => action);
    for (const action of ['invitation.issued', 'invitation.accepted', 'invitation.revoked'])
      expect(actions).toContain(action);
    expect(text).not.toContain(token.split('.').at(-1));
  });
});
