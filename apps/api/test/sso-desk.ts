import type { OpenIdProvider, SamlIdentityProvider } from '#libs/testing';
import type { TestApi } from './test-api.ts';
import type { TestCity } from './test-city.ts';

/** A browser on its way to an identity provider. */
export interface Leaving {
  readonly location: string;
  /** The cookies that prove who left, and say from where. */
  readonly cookie: string;
  readonly providerId: string;
}

const cookieNamed = (name: string, headers: Record<string, unknown>): string =>
  ((headers['set-cookie'] ?? []) as string[]).find((text) => text.startsWith(`${name}=`))!.split(';')[0]!;

/** A city whose administrator has set up sign-in by identity providers; what its people's browsers do. */
export class SsoDesk {
  constructor(
    readonly api: TestApi,
    readonly city: TestCity,
    /** The administrator's session. */
    readonly cookie: string,
  ) {}

  ask(method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, body?: object) {
    const request = this.api.on('lgwan')[method](`/api/v1/identity-providers${path}`).set('cookie', this.cookie);
    return body ? request.send(body) : request;
  }

  /** Registers, uploads, tells the identity provider of us, enables. @returns the provider's id */
  async connectSaml(idp: SamlIdentityProvider, rules: object = {}, name = '庁内認証基盤'): Promise<string> {
    const { body } = await this.ask('post', '', { kind: 'saml', name }).expect(201);
    const { text, body: file } = await this.ask('get', `/${body.id}/service-provider.xml`).buffer(true).expect(200);
    idp.trust(text || String(file));
    await this.ask('put', `/${body.id}/saml`, { metadata: idp.metadata }).expect(200);
    await this.ask('patch', `/${body.id}`, { enabled: true, ...rules }).expect(200);
    return body.id;
  }

  /** As {@link connectSaml} for an OpenID provider. */
  async connectOidc(
    idp: OpenIdProvider,
    flow: 'code' | 'id_token',
    rules: object = {},
    name = '庁内認証基盤',
  ): Promise<string> {
    const [clientId, clientSecret] = ['moyai', 'a secret of this test'];
    const { body } = await this.ask('post', '', { kind: 'oidc', name }).expect(201);
    const { assertionConsumer, callback } = body.addresses;
    idp.register({ clientId, clientSecret, redirectUris: [assertionConsumer, callback] });
    const documents = { metadata: await idp.metadata(), keys: await idp.keys() };
    await this.ask('put', `/${body.id}/oidc`, { ...documents, clientId, clientSecret, flow }).expect(200);
    await this.ask('patch', `/${body.id}`, { enabled: true, ...rules }).expect(200);
    return body.id;
  }

  /** @param returnTo the page of the portal the person was on */
  async leave(providerId: string, returnTo?: string): Promise<Leaving> {
    const request = this.api.on('lgwan').post('/api/v1/sso/requests');
    const { body, headers } = await request.send({ cityCode: this.city.code, providerId, returnTo }).expect(201);
    const cookies = ['moyai_sso', 'moyai_sso_return'].map((name) => cookieNamed(name, headers));
    return { providerId, location: body.location, cookie: cookies.join('; ') };
  }

  /** The form the identity provider's page posts. @returns the code of a refusal, or the session's cookie */
  async arrive({ providerId, cookie }: Leaving, fields: Record<string, string>): Promise<Outcome> {
    const answer = await this.api
      .on('lgwan')
      .post(`/api/v1/sso/${providerId}/acs`)
      .set({ cookie, origin: 'http://idp.example', 'sec-fetch-site': 'cross-site' })
      .type('form')
      .send(fields);
    return outcomeOf(answer);
  }

  /** The address an OpenID provider sends the browser to. */
  async callBack({ providerId, cookie }: Leaving, parameters: Record<string, string>): Promise<Outcome> {
    const address = `/api/v1/sso/${providerId}/callback`;
    return outcomeOf(await this.api.on('lgwan').get(address).query(parameters).set('cookie', cookie));
  }

  /** Who a session's cookie belongs to. */
  async me(session: string) {
    return (await this.api.on('lgwan').get('/api/v1/me').set('cookie', session).expect(200)).body.member;
  }
}

/** Where the browser is led, and as whom. */
export type Outcome = { readonly to: string } & (
  { readonly code: string; readonly session: null } | { readonly code: null; readonly session: string }
);

export function outcomeOf({ status, headers }: { status: number; headers: Record<string, unknown> }): Outcome {
  if (status !== 303) throw new Error(`a returning browser is redirected, not answered ${status}`);
  const to = String(headers['location']);
  const code = new URL(to, 'http://moyai.example').searchParams.get('failure');
  if (code !== null) return { to, code, session: null };
  return { to, code: null, session: cookieNamed('moyai_session', headers) };
}
