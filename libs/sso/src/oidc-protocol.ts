import { createHmac } from 'node:crypto';
import {
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  None,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  clockTolerance,
  customFetch,
} from 'openid-client';
import { DomainError } from '#libs/kernel';
import type { BackChannel } from './back-channel.ts';
import { type AttributeDefaults, type ProvenSubject, readIdentity } from './external-identity.ts';
import { TOKEN_ALGORITHMS, readIdToken } from './id-token.ts';
import {
  CLOCK_SKEW_MS,
  type ExternalIdentity,
  type IdentityProvider,
  type OidcSettings,
  type PendingSignIn,
  addressesOf,
} from './provider.ts';

const DEFAULTS: AttributeDefaults = { loginId: 'preferred_username', displayName: ['name'] };

/** Unguessable values that this browser's cookie alone leads to, so that nothing of them need be stored. */
const derived = ({ secret }: PendingSignIn, purpose: 'state' | 'nonce' | 'pkce'): string =>
  createHmac('sha256', secret).update(purpose).digest('base64url');

function configurationOf(settings: OidcSettings, clientSecret: string | null): Configuration {
  const proof = { basic: ClientSecretBasic, post: ClientSecretPost };
  const authentication =
    settings.clientAuthentication && clientSecret ? proof[settings.clientAuthentication](clientSecret) : None();
  const server = {
    issuer: settings.issuer,
    authorization_endpoint: settings.authorizationEndpoint,
    id_token_signing_alg_values_supported: TOKEN_ALGORITHMS,
    ...(settings.tokenEndpoint && { token_endpoint: settings.tokenEndpoint }),
  };
  const client = { [clockTolerance]: CLOCK_SKEW_MS / 1000 };
  const configuration = new Configuration(server, settings.clientId, client, authentication);
  // The addresses were checked when they were uploaded: plain HTTP is left to the loopback.
  allowInsecureRequests(configuration);
  return configuration;
}

/** Where the browser goes to sign in. */
export async function oidcSignOnUrl(
  provider: Pick<IdentityProvider, 'id' | 'origin'>,
  settings: OidcSettings,
  pending: PendingSignIn,
): Promise<string> {
  const { assertionConsumer, callback } = addressesOf(provider);
  const byFlow: Record<string, string> =
    settings.flow === 'id_token'
      ? { response_type: 'id_token', response_mode: 'form_post', redirect_uri: assertionConsumer }
      : {
          response_type: 'code',
          redirect_uri: callback,
          code_challenge: await calculatePKCECodeChallenge(derived(pending, 'pkce')),
          code_challenge_method: 'S256',
        };
  const url = buildAuthorizationUrl(configurationOf(settings, null), {
    scope: 'openid profile',
    state: derived(pending, 'state'),
    nonce: derived(pending, 'nonce'),
    ...byFlow,
  });
  return url.href;
}

interface OidcAnswer {
  /** What the identity provider sent through the browser. */
  readonly parameters: URLSearchParams;
  readonly clientSecret: string | null;
  readonly now: Date;
}

/**
 * Proves an answer that a browser has brought, fetching the token where the flow asks for it.
 * @throws DomainError SSO.*, see {@link readIdToken}
 */
export async function readOidcAnswer(
  provider: IdentityProvider,
  settings: OidcSettings,
  pending: PendingSignIn,
  answer: OidcAnswer,
  backChannel: BackChannel,
): Promise<ExternalIdentity> {
  const { parameters, now } = answer;
  if (parameters.get('state') !== derived(pending, 'state')) throw new DomainError('SSO.NOT_STARTED_HERE');
  if (parameters.has('error')) throw new DomainError('SSO.REFUSED_BY_PROVIDER');
  const read = (token: unknown): Promise<ProvenSubject> => {
    if (typeof token !== 'string') throw new DomainError('SSO.RESPONSE_MALFORMED');
    return readIdToken(token, settings, { nonce: derived(pending, 'nonce'), startedAt: pending.startedAt, now });
  };
  const proven =
    settings.flow === 'id_token'
      ? await read(parameters.get('id_token'))
      : await exchange(provider, settings, pending, answer, { backChannel, read });
  return readIdentity(proven, provider, DEFAULTS);
}

/** The library speaks to the token endpoint; what the token says is judged before the library sees it. */
async function exchange(
  provider: IdentityProvider,
  settings: OidcSettings,
  pending: PendingSignIn,
  { parameters, clientSecret }: OidcAnswer,
  { backChannel, read }: { backChannel: BackChannel; read: (token: unknown) => Promise<ProvenSubject> },
): Promise<ProvenSubject> {
  const configuration = configurationOf(settings, clientSecret);
  let proven: ProvenSubject | undefined;
  configuration[customFetch] = async (url, init) => {
    const response = await backChannel.fetch(url, init);
    if (response.ok) proven = await read(idTokenIn(await response.clone().json()));
    return response;
  };
  const returned = new URL(addressesOf(provider).callback);
  returned.search = parameters.toString();
  try {
    await authorizationCodeGrant(configuration, returned, {
      pkceCodeVerifier: derived(pending, 'pkce'),
      expectedState: derived(pending, 'state'),
      expectedNonce: derived(pending, 'nonce'),
      idTokenExpected: true,
    });
  } catch (error) {
    const foreseen = [error, (error as Error).cause].find((candidate) => candidate instanceof DomainError);
    throw foreseen ?? new DomainError('SSO.REFUSED_BY_PROVIDER', { cause: error });
  }
  if (!proven) throw new DomainError('SSO.RESPONSE_MALFORMED');
  return proven;
}

const idTokenIn = (body: unknown): unknown =>
  typeof body === 'object' && body !== null && 'id_token' in body ? body.id_token : null;
