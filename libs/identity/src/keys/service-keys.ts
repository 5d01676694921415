import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { type CrossTenantTransaction, OpsDatabase } from '#libs/database';
import { Clock, DomainError, VENDOR_TENANT_ID, newId } from '#libs/kernel';
import type { VendorActor } from '../actor.ts';
import { keyEndsAfter } from './key-lifetime.ts';
import type { ServiceKeyScope } from '../permissions.ts';
import { hashSecret, newSecret, writeServiceKey } from './secrets.ts';

/** A key of one of the vendor's own systems. Works on the vendor's network only. */
export interface ServiceKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: ServiceKeyScope[];
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

export interface NewServiceKey {
  readonly name: string;
  readonly scopes: readonly ServiceKeyScope[];
  /** The last JST day on which it works, `YYYY-MM-DD`. */
  readonly expiresOn: string;
}

const SELECT = `
  SELECT k.id, k.name, k.scopes, u.display_name AS "createdBy", k.created_at AS "createdAt", k.expires_at AS "expiresAt",
    k.last_used_at AS "lastUsedAt", k.revoked_at AS "revokedAt"
  FROM vendor_service_keys k JOIN vendor_users u ON u.id = k.created_by`;

/** Makes, lists and revokes the keys of the vendor's systems. */
@Injectable()
export class ServiceKeys {
  constructor(
    private readonly database: OpsDatabase,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** Newest first, dead ones included. @param before id of the last one seen */
  list({ before, limit }: { before: string | null; limit: number }): Promise<ServiceKey[]> {
    return this.database.query(`${SELECT} WHERE $1::uuid IS NULL OR k.id < $1 ORDER BY k.id DESC LIMIT $2`, [
      before,
      limit,
    ]);
  }

  /**
   * @returns the key's text too, which exists nowhere else and is never shown again
   * @throws DomainError REQUEST.INVALID for an expiry that is past or more than a year away
   */
  async create(
    actor: VendorActor,
    { name, scopes, expiresOn }: NewServiceKey,
  ): Promise<{ key: ServiceKey; text: string }> {
    const now = this.clock.now();
    const expiresAt = keyEndsAfter(expiresOn, now);
    const [id, secret] = [newId(), newSecret()];
    return this.database.run(async (tx) => {
      await tx.query(
        `INSERT INTO vendor_service_keys (id, name, secret_hash, scopes, created_by, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [id, name, hashSecret(secret), [...new Set(scopes)], actor.id, now, expiresAt],
      );
      const [key] = await tx.query<ServiceKey>(`${SELECT} WHERE k.id = $1`, [id]);
      await this.record(tx, actor, 'service-key.created', id);
      return { key: key!, text: writeServiceKey({ id, secret }) };
    });
  }

  /** The key works no more from here on. Revoking twice is no error. @throws DomainError REQUEST.NOT_FOUND */
  async revoke(actor: VendorActor, id: string): Promise<void> {
    await this.database.run(async (tx) => {
      const [row] = await tx.query<{ id: string }>(
        'UPDATE vendor_service_keys SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1 RETURNING id',
        [id, this.clock.now()],
      );
      if (!row) throw new DomainError('REQUEST.NOT_FOUND');
      await this.record(tx, actor, 'service-key.revoked', id);
    });
  }

  private async record(
    tx: CrossTenantTransaction,
    { id: actorId }: VendorActor,
    action: string,
    id: string,
  ): Promise<void> {
    await tx.actOn(VENDOR_TENANT_ID);
    await this.audit.append(tx, {
      action,
      actor: { type: 'vendor', id: actorId },
      subject: { type: 'service_key', id },
    });
  }
}
