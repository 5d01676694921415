import {
  type KeyObject,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  randomBytes,
} from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { TenantId } from '#libs/kernel';
import { TenantDatabase } from './databases.ts';
import { KEY_SERVICE, type KeyService } from './key-service.ts';
import type { TenantScope, TenantTransaction } from './transaction.ts';

/** Where a sealed value lives. It is authenticated with the value: moved to another row or column it does not open. */
export interface SealedPlace {
  readonly rowId: string;
  readonly column: string;
}

const FORMAT = 1;
const HEADER_BYTES = 5;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_CACHE_MS = 5 * 60_000;

/**
 * Seals and opens text under one tenant's data keys (AES-256-GCM).
 * Layout: format (1 byte) · key version (4, big endian) · nonce (12) · ciphertext · tag (16).
 */
export class TenantSeal {
  constructor(
    private readonly tenantId: TenantId,
    private readonly keys: ReadonlyMap<number, KeyObject>,
    private readonly newest: number,
  ) {}

  seal(place: SealedPlace, text: string): Buffer {
    return this.sealBytes(place, Buffer.from(text, 'utf8'));
  }

  sealBytes(place: SealedPlace, bytes: Uint8Array): Buffer {
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt8(FORMAT, 0);
    header.writeUInt32BE(this.newest, 1);
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key(this.newest), nonce).setAAD(this.associated(place));
    return Buffer.concat([header, nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  }

  /** @throws Error when the bytes were altered, moved, or sealed for another tenant. */
  open(place: SealedPlace, sealed: Buffer): string {
    return this.openBytes(place, sealed).toString('utf8');
  }

  /** @throws Error when the bytes were altered, moved, or sealed for another tenant. */
  openBytes(place: SealedPlace, sealed: Buffer): Buffer {
    if (sealed.length < HEADER_BYTES + NONCE_BYTES + TAG_BYTES || sealed.readUInt8(0) !== FORMAT)
      throw new Error('not a sealed value');
    const body = sealed.subarray(HEADER_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', this.key(sealed.readUInt32BE(1)), body.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(this.associated(place))
      .setAuthTag(body.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(body.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  }

  /** A keyed hash that tells equal texts apart from different ones and nothing more; stable over key rotation. */
  fingerprint(text: string): Buffer {
    return createHmac('sha256', this.key(Math.min(...this.keys.keys())))
      .update('fingerprint')
      .update(text)
      .digest();
  }

  private key(version: number): KeyObject {
    const key = this.keys.get(version);
    if (!key) throw new Error(`tenant has no data key of version ${version}`);
    return key;
  }

  private associated(place: SealedPlace): Buffer {
    return Buffer.from(`${this.tenantId}/${place.rowId}/${place.column}`);
  }
}

/** Gives each tenant its seal, making the first data key when the tenant has none. Unwrapped keys stay in memory briefly. */
@Injectable()
export class ContentSeal {
  private readonly cache = new Map<TenantId, { seal: Promise<TenantSeal>; expiresAt: number }>();

  constructor(
    private readonly database: TenantDatabase,
    @Inject(KEY_SERVICE) private readonly keyService: KeyService,
  ) {}

  /** Call before opening a transaction: a first use needs one of its own, so that a key in memory is always a stored one. */
  forTenant(scope: TenantScope): Promise<TenantSeal> {
    const cached = this.cache.get(scope.tenantId);
    if (cached && cached.expiresAt > performance.now()) return cached.seal;
    const seal = this.load(scope);
    this.cache.set(scope.tenantId, { seal, expiresAt: performance.now() + KEY_CACHE_MS });
    seal.catch(() => this.cache.delete(scope.tenantId));
    return seal;
  }

  /** What this process has in memory of a tenant's keys. */
  forget(tenantId: TenantId): void {
    this.cache.delete(tenantId);
  }

  /**
   * Puts a tenant's data keys under the wrapping key of its own, where they are still under the one that all shared.
   * @returns how many were
   */
  async rewrap(scope: TenantScope): Promise<number> {
    let moved = 0;
    for (const row of await this.database.run(scope, storedKeys)) {
      const stored = { wrappedKey: row.wrapped_key, wrappingKeyId: row.wrapping_key_id };
      const own = await this.keyService.rewrap(scope.tenantId, stored);
      if (!own) continue;
      await this.database.run(scope, (tx) =>
        tx.query(
          'UPDATE tenant_data_keys SET wrapped_key = $3, wrapping_key_id = $4 WHERE tenant_id = $1 AND version = $2',
          [scope.tenantId, row.version, own.wrappedKey, own.wrappingKeyId],
        ),
      );
      moved += 1;
    }
    return moved;
  }

  private async load(scope: TenantScope): Promise<TenantSeal> {
    const { tenantId } = scope;
    let rows = await this.database.run(scope, storedKeys);
    if (rows.length === 0) {
      const made = await this.keyService.generate(tenantId);
      // Two first writers may race: the one stored first is everybody's key.
      await this.database.run(scope, (tx) =>
        tx.query(
          `INSERT INTO tenant_data_keys (tenant_id, version, wrapped_key, wrapping_key_id, created_at)
           VALUES ($1, 1, $2, $3, now()) ON CONFLICT DO NOTHING`,
          [tenantId, made.wrappedKey, made.wrappingKeyId],
        ),
      );
      rows = await this.database.run(scope, storedKeys);
    }
    // As an object: from bytes the cipher would make one each time, which takes longer than sealing a prompt.
    const keys = new Map<number, KeyObject>();
    for (const row of rows) {
      const wrapped = { wrappedKey: row.wrapped_key, wrappingKeyId: row.wrapping_key_id };
      keys.set(row.version, createSecretKey(await this.keyService.unwrap(tenantId, wrapped)));
    }
    return new TenantSeal(tenantId, keys, Math.max(...keys.keys()));
  }
}

const storedKeys = (
  tx: TenantTransaction,
): Promise<{ version: number; wrapped_key: Buffer; wrapping_key_id: string }[]> =>
  tx.query('SELECT version, wrapped_key, wrapping_key_id FROM tenant_data_keys ORDER BY version');
