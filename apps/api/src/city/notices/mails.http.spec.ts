import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ContentSeal } from '#libs/database';
import { MemberAdministration, type MemberRole } from '#libs/identity';
import { jstDayAfter, jstMonthOf, newId } from '#libs/kernel';
import { ORIGIN, type TestApi, createTestApi } from '../../../test/test-api.ts';
import {
  CITY_A,
  CITY_B,
  type TestCity,
  addMember,
  onboardCity,
  signIn,
  signInVendor,
} from '../../../test/test-city.ts';

const MONTH = jstMonthOf(new Date());
const SYSTEM = { type: 'system', id: null } as const;

describe('mails of a city', () => {
  let api: TestApi;
  let city: TestCity;
  let departmentId: string;
  let cookies: Record<'admin' | 'manager' | 'staff' | 'ops' | 'finance', string>;
  beforeAll(async () => {
    api = await createTestApi({ mail: { isOn: true, origins: { lgwan: ORIGIN } } });
    city = await onboardCity(api.app, CITY_A);
    const admin = await signIn(api, city, city.admin);
    cookies = { admin, manager: '', staff: '', ops: '', finance: '' };
    departmentId = (await send('post', 'departments', { code: 'zeimu', name: '税務課' }).expect(201)).body.id;
    cookies = {
      admin,
      manager: await signIn(api, city, await join('kacho', 'manager')),
      staff: await signIn(api, city, await join('tanto', 'staff')),
      ops: await signInVendor(api, 'ops'),
      finance: await signInVendor(api, 'finance'),
    };
    await api.eyes.query(`UPDATE members SET mail_address = login_id || '@city.example.lg.jp' WHERE tenant_id = $1`, [
      city.id,
    ]);
  });
  afterAll(() => api[Symbol.asyncDispose]());
  beforeEach(() => api.eyes.query('TRUNCATE mails'));

  const get = (path: string, who: keyof typeof cookies = 'admin') =>
    api.on('lgwan').get(`/api/v1/${path}`).set('cookie', cookies[who]);
  const send = (method: 'post' | 'put', path: string, body: object = {}, who: keyof typeof cookies = 'admin') =>
    api.on('lgwan')[method](`/api/v1/${path}`).set('cookie', cookies[who]).send(body);
  const onVendor = (method: 'get' | 'post', path: string, who: 'ops' | 'finance' = 'ops') =>
    api.on('vendor')[method](`/api/ops/v1/${path}`).set('cookie', cookies[who]);
  async function join(loginId: string, role: MemberRole) {
    const member = await addMember(api.app, city, { loginId, role });
    const scope = { tenantId: city.id, segment: 'lgwan' } as const;
    await api.app.get(MemberAdministration).change(scope, SYSTEM, member.id, { departmentId });
    return member;
  }
  const invite = (more: object = {}) =>
    send('post', 'members', {
      loginId: `new-${newId().slice(-8)}`,
      displayName: '新任 花子',
      role: 'staff',
      segment: 'lgwan',
      mailAddress: 'hanako@city.example.lg.jp',
      credential: 'mail',
      ...more,
    });
  const written = async () =>
    (
      await api.eyes.query<{ id: string; to: string; kind: string; body: string; sealed: Buffer; state: string }>(
        `SELECT x.id, m.mail_address AS to, x.kind, x.body, x.body_sealed AS sealed, x.state
         FROM mails x JOIN members m ON m.id = x.member_id ORDER BY x.created_at, x.id`,
      )
    ).rows;
  const opened = async ({ id, sealed }: { id: string; sealed: Buffer }, tenantId = city.id) => {
    const seal = await api.app.get(ContentSeal).forTenant({ tenantId, segment: 'lgwan' });
    return seal.open({ rowId: id, column: 'mails.body_sealed' }, sealed);
  };

  it('go with a request for more to those who decide, and with the decision to who asked', async () => {
    await send('put', `budgets/${MONTH}/allotments/department/${departmentId}`, { limitTokens: 100 }).expect(200);
    const wish = { month: MONTH, tokens: 5_000, reason: '秘密の理由' };
    const { body } = await send('post', 'top-up-requests', wish, 'manager').expect(201);
    const bell = async (who: 'admin' | 'manager' | 'staff') =>
      (await get('notices', who).expect(200)).body.items.filter(({ kind }: { kind: string }) => kind === 'top-up');
    expect(await bell('admin')).toMatchObject([{ id: body.id, state: 'requested', departmentName: '税務課' }]);
    expect(await bell('manager')).toEqual([]);
    await send('post', 'top-up-requests', wish, 'manager').expect(409);
    await send('post', `top-up-requests/${body.id}/approve`).expect(200);
    expect(await bell('admin')).toEqual([]);
    expect(await bell('manager')).toMatchObject([{ state: 'approved' }]);
    expect(await bell('staff')).toEqual([]);
    const mails = await written();
    expect(mails.map(({ to, kind }) => [to, kind])).toEqual([
      ['admin@city.example.lg.jp', 'top-up.asked'],
      ['kacho@city.example.lg.jp', 'top-up.decided'],
    ]);
    expect(mails[0]!.body).toContain('所属：税務課\n');
    expect(mails[1]!.body).toContain('新しい上限：5,100 トークン');
    expect(JSON.stringify(mails)).not.toContain('秘密の理由');
  });

  it('carry an invitation that only its member sees, and that opens once', async () => {
    const { body } = await invite().expect(201);
    expect(body.invitation).toMatchObject({ token: null });
    const [mail] = await written();
    expect(mail).toMatchObject({ to: 'hanako@city.example.lg.jp', kind: 'invitation.issued', body: null });
    const text = await opened(mail!);
    expect(text).toContain('新任 花子 様');
    const token = new RegExp(`^${ORIGIN}/invitation#(\\S+)$`, 'm').exec(text)![1];
    const accept = () =>
      api.on('lgwan').post('/api/v1/invitation-acceptances').send({ token, newPassword: 'correct mule stapler 電池' });
    await accept().expect(204);
    expect((await accept().expect(409)).body.code).toBe('IDENTITY.INVITATION_USED');
  });

  it('carry the invitation of a city’s first administrator, whom the vendor sees no more of, and are shown where they cannot go', async () => {
    const onboard = async (code: string, more: object) => {
      const firstAdmin = { loginId: 'joho', displayName: '情報 花子', mailAddress: 'joho@city.example.lg.jp', ...more };
      const body = { code, name: `始市${code}`, monthlyLimitTokens: 1_000, firstAdmin };
      return (await onVendor('post', 'cities').send(body).expect(201)).body;
    };
    const { city: begun, invitation } = await onboard('990035', {});
    expect(invitation.token).toBeNull();
    const again = await onVendor('post', `cities/${begun.id}/invitation`).expect(200);
    expect(again.body.token).toBeNull();
    const mails = await written();
    expect(mails.map(({ to, state, body }) => [to, state, body])).toEqual([
      ['joho@city.example.lg.jp', 'dropped', null],
      ['joho@city.example.lg.jp', 'waiting', null],
    ]);
    const token = new RegExp(`^${ORIGIN}/invitation#(\\S+)$`, 'm').exec(await opened(mails[1]!, begun.id))![1];
    await api
      .on('lgwan')
      .post('/api/v1/invitation-acceptances')
      .send({ token, newPassword: 'correct mule stapler 電池' })
      .expect(204);
    for (const [code, more] of [
      ['990043', { mailAddress: null }],
      ['990051', { segment: 'my_number' }],
    ] as const)
      expect((await onboard(code, more)).invitation.token).toMatch(/^\S+$/);
    expect(await written()).toHaveLength(2);
  });

  it('are taken back with the invitation they carry, when there is a newer one or none any more', async () => {
    const { body } = await invite().expect(201);
    const path = `members/${body.member.id}/invitations`;
    const again = await send('post', `${path}?by=mail`).expect(201);
    expect(again.body.token).toBeNull();
    expect((await written()).map(({ state }) => state)).toEqual(['dropped', 'waiting']);
    expect((await send('post', path).expect(201)).body.token).toMatch(/^\S+$/);
    await send('post', `${path}?by=mail`).expect(201);
    await api.on('lgwan').delete(`/api/v1/${path}`).set('cookie', cookies.admin).expect(204);
    expect((await written()).every(({ state }) => state === 'dropped')).toBe(true);
  });

  it('carry none to who has no address or is of another network, and then nobody is invited', async () => {
    for (const more of [{ mailAddress: null }, { segment: 'my_number' }]) {
      const { body } = await invite({ loginId: 'nobody', ...more }).expect(409);
      expect(body.code).toBe('IDENTITY.INVITATION_NOT_MAILED');
    }
    const { body } = await invite({ loginId: 'nobody', mailAddress: null, credential: 'invitation' }).expect(201);
    expect((await send('post', `members/${body.member.id}/invitations?by=mail`).expect(409)).body.code).toBe(
      'IDENTITY.INVITATION_NOT_MAILED',
    );
    expect(
      (await api.on('lgwan').post('/api/v1/invitation-lookups').send({ token: body.invitation.token })).status,
    ).toBe(200);
    expect(await written()).toEqual([]);
  });

  it('can be done without by kind, each member for themselves, where there are any for the role', async () => {
    const topics = async (who: 'admin' | 'manager' | 'staff') => (await get('me/mail', who).expect(200)).body;
    expect(await topics('staff')).toEqual({ isOn: true, address: 'tanto@city.example.lg.jp', topics: [] });
    const { body } = await send('put', 'me/mail', { refused: ['top-up'] }, 'manager').expect(200);
    expect(body.topics).toEqual([
      { topic: 'department-budget', isWanted: true },
      { topic: 'top-up', isWanted: false },
    ]);
    expect((await topics('admin')).topics.every(({ isWanted }: { isWanted: boolean }) => isWanted)).toBe(true);
    await send('put', 'me/mail', { refused: ['invitation'] }, 'manager').expect(422);
  });

  it('are seen by operations alone, of all cities and by state, with neither words nor addresses', async () => {
    const other = await onboardCity(api.app, CITY_B);
    await api.eyes.query(`UPDATE members SET mail_address = 'b@b.example.lg.jp' WHERE tenant_id = $1`, [other.id]);
    for (const { id } of [city, other]) {
      const wish = { cityId: id, segment: 'lgwan', reason: '調査', ticket: 'INC-1', minutes: 15 };
      await onVendor('post', 'content-accesses').send(wish).expect(201);
    }
    const { body } = await onVendor('get', 'mails?state=waiting&limit=1').expect(200);
    expect(body.items).toMatchObject([{ kind: 'content-access.asked', tries: 0, address: null, resendUntil: null }]);
    const rest = await onVendor('get', `mails?cursor=${body.nextCursor}`).expect(200);
    expect(new Set([...body.items, ...rest.body.items].map((mail) => mail.city.id))).toEqual(
      new Set([city.id, other.id]),
    );
    expect(JSON.stringify([body, rest.body])).not.toMatch(/@|INC-1/);
    await onVendor('get', 'mails', 'finance').expect(403);
    await onVendor('get', 'mail-counts').expect(200, { isOn: true, waiting: 2, rejected: 0, unreachable: 0 });
  });

  it('that failed are sent again, which stands in the city’s trail and the vendor’s', async () => {
    await invite().expect(201);
    const { id } = (await written())[0]!;
    expect((await onVendor('post', `mails/${id}/resend`).expect(409)).body.code).toBe('NOTICES.MAIL_OVER');
    await api.eyes.query(
      `UPDATE mails SET state = 'failed', reason = 'rejected', tries = 1, finished_at = now(), erase_at = now() + interval '1 day'`,
    );
    expect((await onVendor('post', `mails/${id}/resend`).expect(200)).body).toMatchObject({
      state: 'waiting',
      tries: 0,
    });
    await onVendor('post', `mails/${newId()}/resend`).expect(404);
    const { rows } = await api.eyes.query(
      `SELECT DISTINCT tenant_id FROM audit_entries WHERE action = 'mail.resent' AND subject_id = $1`,
      [id],
    );
    expect(rows).toHaveLength(2);
  });

  it('and notices tell administrators and operations that a trial ends', async () => {
    await api.eyes.query('UPDATE tenants SET trial_ends_on = $2 WHERE id = $1', [city.id, jstDayAfter(new Date(), 10)]);
    const bell = async (who: 'admin' | 'staff') =>
      (await get('notices', who).expect(200)).body.items.filter(({ kind }: { kind: string }) => kind === 'ending');
    expect(await bell('admin')).toMatchObject([{ what: 'trial', daysLeft: 10, isRead: false }]);
    expect(await bell('staff')).toEqual([]);
    const [{ id }] = await bell('admin');
    await send('post', `notices/${id}/read`).expect(204);
    expect(await bell('admin')).toMatchObject([{ isRead: true }]);
    const { body } = await onVendor('get', 'city-endings').expect(200);
    expect(body.items).toMatchObject([{ city: { id: city.id }, kind: 'trial', daysLeft: 10 }]);
    await onVendor('get', 'city-endings', 'finance').expect(403);
  });
});
