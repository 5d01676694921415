import { v5, v7, validate } from 'uuid';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** UUID of a municipality. Branded so that a job id can never be passed where a tenant is meant. */
export type TenantId = Branded<'TenantId'>;

/** The chain and context of the vendor itself, which is no municipality and owns no tenant row. */
export const VENDOR_TENANT_ID = '00000000-0000-0000-0000-000000000000' as TenantId;

/** A new time-ordered id (UUID v7): inserts stay at the right edge of the index. */
export const newId = (): string => v7();

/**
 * The id of what somebody asks for under an Idempotency-Key: the same whenever they ask again, and nobody else's.
 * @param owner id of whoever chose the key
 */
export const idUnderKey = (owner: string, key: string): string => v5(key, owner);

/** True for any RFC 9562 UUID in canonical text form. */
export const isId = (value: unknown): value is string => typeof value === 'string' && validate(value);

/**
 * Narrows text to a tenant id.
 * @throws RangeError when the text is not a UUID; callers that read outside input check with {@link isId} first.
 */
export function tenantId(value: string): TenantId {
  if (!isId(value)) throw new RangeError('not a tenant id');
  return value as TenantId;
}
