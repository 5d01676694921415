import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import {
  ContentSeal,
  KEY_SERVICE,
  type KeyService,
  OpsDatabase,
  TenantDatabase,
  type TenantScope,
  type TenantTransaction,
  type Transaction,
} from '#libs/database';
import { type TenantId, VENDOR_TENANT_ID } from '#libs/kernel';
import type { Person } from '../actor.ts';
import { TOTP_SECRET_BYTES } from './totp.ts';

/** Whose factors: a member of a city, or one of the vendor's own people. The two differ in tables, role and key alone. */
export interface FactorHolder<Tx extends Transaction = Transaction> {
  readonly id: string;
  /** Where the attempts are counted. */
  readonly tenantId: TenantId;
  readonly plane: 'member' | 'vendor';
  /** Of the network a member belongs to; the vendor's people have none. */
  readonly scope: TenantScope | null;
  run<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>;
  makeSecret(factorId: string): Promise<{ readonly secret: Buffer; readonly sealed: Buffer }>;
  openSecret(factorId: string, sealed: Buffer): Promise<Buffer>;
  /** Appends to the holder's chain. Last in the transaction. */
  record(tx: Transaction, action: string, details?: Readonly<Record<string, string>>): Promise<void>;
}

const place = (rowId: string) => ({ rowId, column: 'member_factors.secret_sealed' });

/** Opens the doors to a person's factors. */
@Injectable()
export class FactorHolders {
  constructor(
    private readonly database: TenantDatabase,
    private readonly opsDatabase: OpsDatabase,
    private readonly seal: ContentSeal,
    @Inject(KEY_SERVICE) private readonly keys: KeyService,
    private readonly audit: AuditTrail,
  ) {}

  /** One's own. */
  of(person: Person): FactorHolder {
    return person.type === 'member' ? this.member(person.scope, person.id) : this.vendor(person.id);
  }

  /** Secrets are sealed under the city's data key. */
  member(scope: TenantScope, id: string): FactorHolder<TenantTransaction> {
    return {
      id,
      tenantId: scope.tenantId,
      plane: 'member',
      scope,
      run: (work) => this.database.run(scope, work),
      makeSecret: async (factorId) => {
        const secret = randomBytes(TOTP_SECRET_BYTES);
        const seal = await this.seal.forTenant(scope);
        return { secret, sealed: seal.seal(place(factorId), secret.toString('base64')) };
      },
      openSecret: async (factorId, sealed) =>
        Buffer.from((await this.seal.forTenant(scope)).open(place(factorId), sealed), 'base64'),
      record: (tx, action, details = {}) =>
        this.audit.append(tx, {
          action,
          actor: { type: 'member', id },
          segment: scope.segment,
          subject: { type: 'member', id },
          details,
        }),
    };
  }

  /**
   * The vendor is no tenant and has no data key. Its few secrets are data keys themselves: made by the key service and
   * stored as it wrapped them, so that they open there alone.
   */
  vendor(id: string): FactorHolder {
    return {
      id,
      tenantId: VENDOR_TENANT_ID,
      plane: 'vendor',
      scope: null,
      run: (work) =>
        this.opsDatabase.run(async (tx) => {
          await tx.actOn(VENDOR_TENANT_ID);
          return work(tx);
        }),
      makeSecret: async () => {
        const { key, wrappedKey, wrappingKeyId } = await this.keys.generate(VENDOR_TENANT_ID);
        const sealed = Buffer.from(JSON.stringify({ wrappedKey: wrappedKey.toString('base64'), wrappingKeyId }));
        return { secret: key.subarray(0, TOTP_SECRET_BYTES), sealed };
      },
      openSecret: async (_, sealed) => {
        const stored = JSON.parse(sealed.toString()) as { wrappedKey: string; wrappingKeyId: string };
        const wrapped = { ...stored, wrappedKey: Buffer.from(stored.wrappedKey, 'base64') };
        return (await this.keys.unwrap(VENDOR_TENANT_ID, wrapped)).subarray(0, TOTP_SECRET_BYTES);
      },
      record: (tx, action, details = {}) =>
        this.audit.append(tx, { action, actor: { type: 'vendor', id }, subject: { type: 'vendor', id }, details }),
    };
  }
}
