import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type JWK, exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

/** Where our sign-in may be sent back to, and how we prove ourselves. */
export interface OpenIdClient {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUris: readonly string[];
}

/** What the browser brings back: in the address, or in a form. */
export interface OpenIdAnswer {
  readonly method: 'GET' | 'POST';
  readonly parameters: Record<string, string>;
}

const KID = 'signing-1';

/** A real OpenID provider (oidc-provider) for tests; its sign-in page takes {@link person} for whoever comes. */
export class OpenIdProvider implements AsyncDisposable {
  /** Who signs in next. */
  person = 'nobody';
  private provider: Provider | undefined;

  private constructor(
    private readonly server: Server,
    readonly issuer: string,
    /** Private too: a test forges tokens with it. */
    readonly key: JWK,
  ) {}

  static async start(): Promise<OpenIdProvider> {
    const { privateKey } = await generateKeyPair('RS256', { extractable: true });
    const key = { ...(await exportJWK(privateKey)), kid: KID, alg: 'RS256', use: 'sig' };
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const started = new OpenIdProvider(server, `http://127.0.0.1:${port}`, key);
    server.on('request', (request, response) => void started.serve(request, response));
    return started;
  }

  /** Its administrator registers us. */
  register({ clientId, clientSecret, redirectUris }: OpenIdClient): void {
    this.provider = new Provider(this.issuer, {
      clients: [
        {
          client_id: clientId,
          client_secret: clientSecret,
          redirect_uris: [...redirectUris],
          response_types: ['code', 'id_token'],
          grant_types: ['authorization_code', 'implicit'],
          // a web client must have TLS; on the loopback a native one need not
          application_type: 'native',
        },
      ],
      responseTypes: ['code', 'id_token'],
      jwks: { keys: [this.key] },
      cookies: { keys: ['cookies of a test'] },
      claims: { openid: ['sub'], profile: ['name', 'preferred_username'] },
      conformIdTokenClaims: false,
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_, { uid }) => `/interaction/${uid}` },
      findAccount: (_, id) => ({
        accountId: id,
        claims: () => ({ sub: id, preferred_username: id, name: `職員 ${id}` }),
      }),
      loadExistingGrant: async ({ oidc }) => {
        const grant = new this.provider!.Grant({ accountId: oidc.session!.accountId, clientId });
        grant.addOIDCScope('openid profile');
        await grant.save();
        return grant;
      },
    });
  }

  /** The document under `/.well-known/openid-configuration`, as its administrator saves it. */
  async metadata(): Promise<string> {
    return (await fetch(`${this.issuer}/.well-known/openid-configuration`)).text();
  }

  /** The public keys, as its administrator saves them. */
  async keys(): Promise<string> {
    return (await fetch(`${this.issuer}/jwks`)).text();
  }

  /** Goes through its pages as a browser does. @param location where our sign-in sent the browser */
  async answer(location: string): Promise<OpenIdAnswer> {
    const cookies = new Map<string, string>();
    let next = new URL(location);
    for (;;) {
      if (next.origin !== this.issuer) return { method: 'GET', parameters: Object.fromEntries(next.searchParams) };
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(next, { redirect: 'manual', headers: { cookie } });
      for (const text of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(text)!;
        cookies.set(name!, value!);
      }
      const page = await response.text();
      const onward = response.headers.get('location');
      if (onward === null) return { method: 'POST', parameters: fieldsOf(page) };
      next = new URL(onward, next);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const provider = this.provider!;
    if (!request.url?.startsWith('/interaction/')) return provider.callback()(request, response);
    await provider.interactionFinished(request, response, { login: { accountId: this.person }, consent: {} });
  }
}

const fieldsOf = (page: string): Record<string, string> =>
  Object.fromEntries(
    Array.from(page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)).map(([, name, value]) => [
      name!,
      value!,
    ]),
  );
