import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { parse, stringify } from 'uuid';
import { type TenantId, tenantId } from '#libs/kernel';

const SECRET_BYTES = 32;
// base64url lengths: 16 bytes -> 22, 32 bytes -> 43
const SESSION = /^([\w-]{22})\.([\w-]{22})\.([\w-]{43})$/;
const VENDOR_SESSION = /^([\w-]{22})\.([\w-]{43})$/;
const SERVICE_KEY = /^moyai_svc_([\w-]{22})_([\w-]{43})$/;
const INVITATION = /^inv\.([\w-]{22})\.([\w-]{22})\.([\w-]{43})$/;
const API_KEY = /^moyai_([\w-]{43})_([\w-]{43})$/;

/** 256 random bits; only their hash is stored, so a copy of the database signs nobody in. */
export const newSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');

/** SHA-256: a random secret needs no slow hash. */
export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest();

export const isSecretOf = (secret: string, hash: Buffer): boolean => timingSafeEqual(hashSecret(secret), hash);

const packId = (id: string): string => Buffer.from(parse(id)).toString('base64url');

function unpackId(packed: Buffer): string | null {
  try {
    return stringify(packed);
  } catch {
    return null;
  }
}

/** Null for base64url that another text of the same length stands for too: a credential has one spelling. */
function unpack(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}

/** What a cookie or key says about itself. The tenant is in it so that the look-up runs inside that tenant's rows. */
export interface TenantToken {
  readonly tenantId: TenantId;
  readonly id: string;
  readonly secret: string;
}

function tenantToken(tenant: Buffer | null, row: Buffer | null, secret: string): TenantToken | null {
  const [owner, id] = [tenant && unpackId(tenant), row && unpackId(row)];
  return owner && id ? { tenantId: tenantId(owner), id, secret } : null;
}

export const writeSessionToken = (token: TenantToken): string =>
  `${packId(token.tenantId)}.${packId(token.id)}.${token.secret}`;

/** Null for anything that no session token looks like. */
export const readSessionToken = (text: string) => dottedToken(SESSION.exec(text));

/** Stands in the fragment of a link, which browsers send to no server. */
export const writeInvitationToken = (token: TenantToken): string => `inv.${writeSessionToken(token)}`;

export const readInvitationToken = (text: string) => dottedToken(INVITATION.exec(text));

function dottedToken(match: RegExpExecArray | null): TenantToken | null {
  const [, tenant, id, secret] = match ?? [];
  if (!tenant || !id || !secret) return null;
  return tenantToken(unpack(tenant), unpack(id), secret);
}

/** `moyai_` makes a leaked key easy to find in a repository or a log. */
export const writeApiKey = ({ tenantId: tenant, id, secret }: TenantToken): string =>
  `moyai_${Buffer.concat([parse(tenant), parse(id)]).toString('base64url')}_${secret}`;

export function readApiKey(text: string): TenantToken | null {
  const [, ids, secret] = API_KEY.exec(text) ?? [];
  if (!ids || !secret) return null;
  const bytes = unpack(ids);
  return bytes && tenantToken(bytes.subarray(0, 16), bytes.subarray(16), secret);
}

export const writeVendorToken = (token: { id: string; secret: string }): string =>
  `${packId(token.id)}.${token.secret}`;

export const readVendorToken = (text: string) => vendorToken(VENDOR_SESSION.exec(text));

/** As recognisable as a city's key, and never mistaken for one: it is shorter. */
export const writeServiceKey = (token: { id: string; secret: string }): string =>
  `moyai_svc_${packId(token.id)}_${token.secret}`;

export const readServiceKey = (text: string) => vendorToken(SERVICE_KEY.exec(text));

function vendorToken(match: RegExpExecArray | null): { id: string; secret: string } | null {
  const [, packed, secret] = match ?? [];
  const bytes = packed ? unpack(packed) : null;
  const id = bytes && unpackId(bytes);
  return id && secret ? { id, secret } : null;
}
