import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import { TenantDatabase, type TenantScope, type TenantTransaction } from '#libs/database';
import { Clock, DomainError, type Segment, newId } from '#libs/kernel';
import { Signals } from '#libs/queue';
import { ApiKeyAuthenticator } from './api-key-authenticator.ts';
import { keyEndsAfter } from './key-lifetime.ts';
import type { ApiKeyScope } from '../permissions.ts';
import { hashSecret, newSecret, writeApiKey } from './secrets.ts';

/** A key of one of the city's systems. It works only on the network it was made on. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: ApiKeyScope[];
  readonly segment: Segment;
  readonly createdAt: Date;
  /** Null: works until it is revoked. */
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

export interface NewApiKey {
  readonly name: string;
  readonly scopes: readonly ApiKeyScope[];
  /** The last JST day on which it works, `YYYY-MM-DD`; a key for SCIM has one. */
  readonly expiresOn?: string | undefined;
}

const COLUMNS = `id, name, scopes, segment, created_at AS "createdAt", expires_at AS "expiresAt",
  last_used_at AS "lastUsedAt", revoked_at AS "revokedAt"`;

/** Makes, lists and revokes the keys of a city. */
@Injectable()
export class ApiKeyRegistry {
  constructor(
    private readonly database: TenantDatabase,
    private readonly authenticator: ApiKeyAuthenticator,
    private readonly audit: AuditTrail,
    private readonly signals: Signals,
    private readonly clock: Clock,
  ) {}

  /**
   * One page of the keys of this segment, newest first, revoked ones included.
   * @param page.before id of the last one seen
   * @param page.scope only the keys that have it
   */
  list(
    scope: TenantScope,
    page: { readonly before: string | null; readonly limit: number; readonly scope?: ApiKeyScope | undefined },
  ): Promise<ApiKey[]> {
    return this.database.run(scope, (tx) =>
      tx.query<ApiKey>(
        `SELECT ${COLUMNS} FROM api_keys WHERE ($1::uuid IS NULL OR id < $1) AND ($3::text IS NULL OR $3 = ANY (scopes))
         ORDER BY id DESC LIMIT $2`,
        [page.before, page.limit, page.scope ?? null],
      ),
    );
  }

  /**
   * @returns the key's text too, which exists nowhere else and is never shown again
   * @throws DomainError REQUEST.INVALID for an end that is past or more than a year away
   */
  create(
    scope: TenantScope,
    actor: AuditActor,
    { name, scopes, expiresOn }: NewApiKey,
  ): Promise<{ key: ApiKey; text: string }> {
    const { tenantId, segment } = scope;
    const now = this.clock.now();
    const expiresAt = expiresOn === undefined ? null : keyEndsAfter(expiresOn, now);
    const [id, secret] = [newId(), newSecret()];
    const maker = actor.type === 'member' ? actor.id : null;
    return this.database.run(scope, async (tx) => {
      const [key] = await tx.query<ApiKey>(
        `INSERT INTO api_keys (tenant_id, id, segment, name, secret_hash, scopes, created_by, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING ${COLUMNS}`,
        [tenantId, id, segment, name, hashSecret(secret), [...new Set(scopes)], maker, now, expiresAt],
      );
      await this.record(tx, actor, 'api-key.created', id);
      return { key: key!, text: writeApiKey({ tenantId, id, secret }) };
    });
  }

  /** The key works no more from here on. Revoking twice is no error. @throws DomainError REQUEST.NOT_FOUND */
  async revoke(scope: TenantScope, actor: AuditActor, id: string): Promise<void> {
    await this.database.run(scope, async (tx) => {
      const [row] = await tx.query<{ id: string }>(
        'UPDATE api_keys SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1 RETURNING id',
        [id, this.clock.now()],
      );
      if (!row) throw new DomainError('REQUEST.NOT_FOUND');
      await this.record(tx, actor, 'api-key.revoked', id);
    });
    this.authenticator.forget((key) => key.id === id);
    this.signals.publish({ kind: 'api-key.revoked', tenantId: scope.tenantId, apiKeyId: id });
  }

  /** Names by id, as far as the keys belong to the transaction's segment. */
  async namesOf(tx: TenantTransaction, ids: readonly string[]): Promise<Map<string, string>> {
    const rows = await tx.query<{ id: string; name: string }>('SELECT id, name FROM api_keys WHERE id = ANY ($1)', [
      ids,
    ]);
    return new Map(rows.map((row) => [row.id, row.name]));
  }

  private record(tx: TenantTransaction, actor: AuditActor, action: string, id: string): Promise<void> {
    return this.audit.append(tx, { action, actor, segment: tx.scope.segment, subject: { type: 'api_key', id } });
  }
}
