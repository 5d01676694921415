import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import type { KeyServiceConfig } from '#libs/config';
import type { TenantId } from '#libs/kernel';

export interface WrappedKey {
  readonly wrappedKey: Buffer;
  /** Which wrapping key made it, for rotation and for the auditor. */
  readonly wrappingKeyId: string;
}

/** Makes and unwraps 256-bit data keys. A wrapped key opens only for the tenant it was made for. */
export interface KeyService {
  generate(tenantId: TenantId): Promise<WrappedKey & { readonly key: Buffer }>;
  unwrap(tenantId: TenantId, wrapped: WrappedKey): Promise<Buffer>;
}

/** Injection token: which key service is used is configuration. */
export const KEY_SERVICE = Symbol('KeyService');

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Wraps with a 32-byte key in a file (base64, mode 0600): the embedded default. */
export class LocalKeyService implements KeyService {
  private readonly wrappingKey: Buffer;

  constructor(file: string) {
    this.wrappingKey = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
    if (this.wrappingKey.length !== 32) throw new Error('KEY_FILE must hold 32 bytes in base64');
  }

  async generate(tenantId: TenantId): Promise<WrappedKey & { readonly key: Buffer }> {
    const key = randomBytes(32);
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.wrappingKey, nonce).setAAD(Buffer.from(tenantId));
    const wrappedKey = Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
    return { key, wrappedKey, wrappingKeyId: 'local-file' };
  }

  async unwrap(tenantId: TenantId, { wrappedKey }: WrappedKey): Promise<Buffer> {
    const decipher = createDecipheriv('aes-256-gcm', this.wrappingKey, wrappedKey.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(Buffer.from(tenantId))
      .setAuthTag(wrappedKey.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(wrappedKey.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  }
}

/** Wraps with AWS KMS; the tenant is the encryption context, so KMS itself refuses another tenant's key. */
export class AwsKmsKeyService implements KeyService {
  private readonly client: KMSClient;

  constructor(
    private readonly keyId: string,
    region: string,
  ) {
    this.client = new KMSClient({ region });
  }

  async generate(tenantId: TenantId): Promise<WrappedKey & { readonly key: Buffer }> {
    const made = await this.client.send(
      new GenerateDataKeyCommand({ KeyId: this.keyId, KeySpec: 'AES_256', EncryptionContext: { tenantId } }),
    );
    if (!made.Plaintext || !made.CiphertextBlob) throw new Error('KMS returned no data key');
    return {
      key: Buffer.from(made.Plaintext),
      wrappedKey: Buffer.from(made.CiphertextBlob),
      wrappingKeyId: made.KeyId ?? this.keyId,
    };
  }

  async unwrap(tenantId: TenantId, { wrappedKey }: WrappedKey): Promise<Buffer> {
    const opened = await this.client.send(
      new DecryptCommand({ CiphertextBlob: wrappedKey, EncryptionContext: { tenantId } }),
    );
    if (!opened.Plaintext) throw new Error('KMS returned no data key');
    return Buffer.from(opened.Plaintext);
  }
}

export const createKeyService = (config: KeyServiceConfig): KeyService =>
  config.kind === 'local' ? new LocalKeyService(config.file) : new AwsKmsKeyService(config.keyId, config.region);
