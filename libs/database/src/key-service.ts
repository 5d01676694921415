import type { KeyServiceConfig } from '#libs/config';
import type { TenantId } from '#libs/kernel';
import { AwsKmsKeyService } from './aws-kms-key-service.ts';
import { LocalKeyService } from './local-key-service.ts';

export interface WrappedKey {
  readonly wrappedKey: Buffer;
  /** Which wrapping key made it, for rotation and for the auditor. */
  readonly wrappingKeyId: string;
}

/** How the wrapping key of a city was destroyed. */
export interface KeyDestruction {
  readonly wrappingKeyId: string;
  readonly destroyedAt: Date;
  /** From when on nobody can take it back: a key management service keeps a key that it already refuses to use. */
  readonly finalAt: Date;
}

/**
 * Makes and unwraps 256-bit data keys. Each city has a wrapping key of its own, kept outside the database: destroyed, what
 * was sealed for the city opens nowhere any more, in no copy of the database however old (docs/decisions/0032).
 */
export interface KeyService {
  /** @throws Error when the city's key was destroyed */
  generate(tenantId: TenantId): Promise<WrappedKey & { readonly key: Buffer }>;
  unwrap(tenantId: TenantId, wrapped: WrappedKey): Promise<Buffer>;
  /** The same data key under the city's own wrapping key; null when it is already. */
  rewrap(tenantId: TenantId, wrapped: WrappedKey): Promise<WrappedKey | null>;
  /** Cannot be undone. Done again it answers with the record of the first time. */
  destroy(tenantId: TenantId): Promise<KeyDestruction>;
  /** What could still unwrap a data key of the city; empty once nothing can. */
  traces(tenantId: TenantId): Promise<string[]>;
}

/** Injection token: which key service is used is configuration. */
export const KEY_SERVICE = Symbol('KeyService');

export const createKeyService = (config: KeyServiceConfig): KeyService =>
  config.kind === 'local'
    ? new LocalKeyService(config.directory, config.sharedFile)
    : new AwsKmsKeyService(config.aliasPrefix, config.region, config.sharedKeyId);
