import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenIdProvider } from '#libs/testing';
import { SsoDesk } from '../../test/sso-desk.ts';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { CITY_A, onboardCity, signIn } from '../../test/test-city.ts';

describe('the code flow', () => {
  let api: TestApi;
  let desk: SsoDesk;
  let idp: OpenIdProvider;
  let away: OpenIdProvider;
  beforeAll(async () => {
    [idp, away] = [await OpenIdProvider.start(), await OpenIdProvider.start()];
    api = await createTestApi({ sso: { backChannelOrigins: [idp.issuer, away.issuer] } });
    const city = await onboardCity(api.app, CITY_A);
    desk = new SsoDesk(api, city, await signIn(api, city, city.admin));
  });
  afterAll(async () => {
    await idp[Symbol.asyncDispose]();
    await api[Symbol.asyncDispose]();
  });

  it('exchanges the code once, with PKCE and the secret, and signs its person in', async () => {
    const providerId = await desk.connectOidc(idp, 'code', { createsMembers: true });
    idp.person = 't.suzuki';
    const leaving = await desk.leave(providerId, '/batches?state=done');
    expect(new URL(leaving.location).searchParams.get('code_challenge_method')).toBe('S256');
    const { method, parameters } = await idp.answer(leaving.location);
    expect(method).toBe('GET');
    const { session, to } = await desk.callBack(leaving, parameters);
    expect(to).toBe('/batches?state=done');
    expect(await desk.me(session!)).toMatchObject({ loginId: 't.suzuki' });
    expect((await desk.callBack(leaving, parameters)).code).toBe('SSO.NOT_STARTED_HERE');
    const stolen = await desk.leave(providerId);
    const state = new URL(stolen.location).searchParams.get('state')!;
    expect((await desk.callBack(stolen, { ...parameters, state })).code).toBe('SSO.REFUSED_BY_PROVIDER');
  });

  it('does not show the secret again, and calls no server the operator has not opened', async () => {
    const { text } = await desk.ask('get', '').expect(200);
    expect(text).not.toContain('a secret of this test');
    const { body } = await desk.ask('post', '', { kind: 'oidc', name: '閉じた先' }).expect(201);
    const metadata = (await idp.metadata()).replaceAll(idp.issuer, 'https://169.254.169.254');
    const upload = { metadata, keys: await idp.keys(), clientId: 'moyai', flow: 'code' };
    const refusal = await desk.ask('put', `/${body.id}/oidc`, upload).expect(422);
    expect(refusal.body.code).toBe('SSO.BACK_CHANNEL_CLOSED');
    const keys = JSON.stringify({ keys: [idp.key] });
    const leaked = await desk.ask('put', `/${body.id}/oidc`, { ...upload, keys, flow: 'id_token' }).expect(422);
    expect(leaked.body).toMatchObject({ code: 'SSO.METADATA_INVALID', detail: expect.stringContaining('秘密鍵') });
  });

  it('says that the provider is away when it is', async () => {
    const leaving = await desk.leave(await desk.connectOidc(away, 'code', {}, '止まっている先'));
    const { parameters } = await away.answer(leaving.location);
    await away[Symbol.asyncDispose]();
    expect((await desk.callBack(leaving, parameters)).code).toBe('SSO.PROVIDER_UNREACHABLE');
  });
});
