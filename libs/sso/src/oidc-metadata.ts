import type { JSONWebKeySet, JWK } from 'jose';
import { z } from 'zod';
import { DomainError } from '#libs/kernel';
import type { BackChannel } from './back-channel.ts';
import type { OidcFlow, OidcSettings } from './provider.ts';
import { safeAddress } from './sign-on-address.ts';
import { parseStrictJson } from './strict-json.ts';

/** What an administrator uploads and types for an OpenID provider. */
export interface OidcUpload {
  /** The document an OpenID provider has under `/.well-known/openid-configuration`. */
  readonly metadata: string;
  /** The document its `jwks_uri` names. */
  readonly keys: string;
  readonly clientId: string;
  readonly flow: OidcFlow;
}

const metadataSchema = z.looseObject({
  issuer: z.string().min(1).max(1_000),
  authorization_endpoint: z.string(),
  token_endpoint: z.string().optional(),
  token_endpoint_auth_methods_supported: z.array(z.string()).default(['client_secret_basic']),
});
const keySetSchema = z.looseObject({
  keys: z.array(z.looseObject({ kty: z.string(), kid: z.string().optional(), use: z.string().optional() })).max(50),
});

const refused = (detail: string, cause?: unknown) => new DomainError('SSO.METADATA_INVALID', { detail, cause });

/**
 * Reads what was uploaded; nothing in it is fetched, `jwks_uri` least of all.
 * @throws DomainError SSO.METADATA_INVALID, SSO.BACK_CHANNEL_CLOSED
 */
export function readOidcUpload(upload: OidcUpload, hasSecret: boolean, backChannel: BackChannel): OidcSettings {
  const metadata = read(
    metadataSchema,
    upload.metadata,
    'メタデータ（openid-configuration）を JSON として読み取れません。',
  );
  const issuer = safeAddress(metadata.issuer);
  const authorizationEndpoint = safeAddress(metadata.authorization_endpoint);
  if (!issuer || !authorizationEndpoint) throw refused('issuer と authorization_endpoint（https）が必要です。');
  const tokenEndpoint = upload.flow === 'code' ? safeAddress(metadata.token_endpoint) : null;
  if (upload.flow === 'code') {
    if (!tokenEndpoint) throw refused('token_endpoint（https）がありません。');
    backChannel.assertOpen(tokenEndpoint);
  }
  const offersBasic = metadata.token_endpoint_auth_methods_supported.includes('client_secret_basic');
  return {
    kind: 'oidc',
    issuer,
    authorizationEndpoint,
    tokenEndpoint,
    clientAuthentication: hasSecret ? (offersBasic ? 'basic' : 'post') : null,
    clientId: upload.clientId,
    flow: upload.flow,
    keys: publicKeys(upload.keys),
  };
}

function read<Schema extends z.ZodType>(schema: Schema, text: string, detail: string): z.output<Schema> {
  try {
    return schema.parse(parseStrictJson(text));
  } catch (error) {
    throw refused(detail, error);
  }
}

/** Only public keys that sign, each under a name of its own. */
function publicKeys(text: string): JSONWebKeySet {
  const { keys } = read(keySetSchema, text, '公開鍵（JWKS）を JSON として読み取れません。');
  const signing = keys.filter(({ kty, use }) => kty !== 'oct' && (use ?? 'sig') === 'sig') as JWK[];
  if (keys.some((key) => 'd' in key || 'k' in key))
    throw refused('秘密鍵が含まれています。この鍵はもう使わず、公開鍵（JWKS）だけを登録してください。');
  const ids = signing.map(({ kid }) => kid);
  if (signing.length === 0 || ids.includes(undefined) || new Set(ids).size !== ids.length)
    throw refused('kid の付いた署名用の公開鍵（RSA、EC など）が1つ以上必要です。');
  return { keys: signing };
}
