import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import { type TenantTransaction, UNIQUE_VIOLATION, refusedWith } from '#libs/database';
import { Clock, DomainError, idUnderKey, newId } from '#libs/kernel';
import type { IdentityProvider, ProviderKind, ProviderRules, ProviderSettings, TestResult } from './provider.ts';

export interface NewProvider {
  readonly kind: ProviderKind;
  readonly name: string;
  readonly origin: string;
}

export interface ProviderChange extends Partial<ProviderRules> {
  readonly name?: string;
  readonly enabled?: boolean;
}

const COLUMNS = `id, segment, kind, name, origin, enabled, settings, client_secret_sealed IS NOT NULL AS "hasClientSecret",
  vouches_for_mfa AS "vouchesForMfa", creates_members AS "createsMembers", links_by_login_id AS "linksByLoginId",
  login_id_attribute AS "loginIdAttribute", display_name_attribute AS "displayNameAttribute",
  department_attribute AS "departmentAttribute", department_codes AS "departmentCodes", last_test AS "lastTest",
  created_at AS "createdAt"`;

async function namedOnce<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw refusedWith(error, UNIQUE_VIOLATION) ? new DomainError('SSO.NAME_TAKEN') : error;
  }
}

/** The identity providers of a city on the network of the transaction. */
@Injectable()
export class IdentityProviders {
  constructor(
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  async list(tx: TenantTransaction): Promise<IdentityProvider[]> {
    return tx.query<IdentityProvider>(`SELECT ${COLUMNS} FROM identity_providers WHERE tenant_id = $1 ORDER BY name`, [
      tx.scope.tenantId,
    ]);
  }

  /** @throws DomainError REQUEST.NOT_FOUND */
  async get(tx: TenantTransaction, id: string): Promise<IdentityProvider> {
    const provider = await this.find(tx, id);
    if (!provider) throw new DomainError('REQUEST.NOT_FOUND');
    return provider;
  }

  async find(tx: TenantTransaction, id: string): Promise<IdentityProvider | null> {
    const [row] = await tx.query<IdentityProvider>(
      `SELECT ${COLUMNS} FROM identity_providers WHERE tenant_id = $1 AND id = $2`,
      [tx.scope.tenantId, id],
    );
    return row ?? null;
  }

  async sealedSecret(tx: TenantTransaction, id: string): Promise<Buffer | null> {
    const [row] = await tx.query<{ sealed: Buffer | null }>(
      'SELECT client_secret_sealed AS sealed FROM identity_providers WHERE tenant_id = $1 AND id = $2',
      [tx.scope.tenantId, id],
    );
    return row?.sealed ?? null;
  }

  /**
   * Not usable yet: our own addresses come first, for whoever runs the identity provider.
   * @param key created again under the same key it is the same provider
   * @throws DomainError SSO.NAME_TAKEN, REQUEST.IDEMPOTENCY_MISMATCH
   */
  async create(
    tx: TenantTransaction,
    actor: AuditActor & { readonly id: string },
    wanted: NewProvider,
    key?: string,
  ): Promise<IdentityProvider> {
    const id = key === undefined ? newId() : idUnderKey(actor.id, `identity_providers ${key}`);
    const { tenantId, segment } = tx.scope;
    const created = await namedOnce(
      tx.query(
        `INSERT INTO identity_providers (tenant_id, id, segment, kind, name, origin, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (tenant_id, id) DO NOTHING RETURNING 1`,
        [tenantId, id, segment, wanted.kind, wanted.name, wanted.origin, this.clock.now()],
      ),
    );
    const provider = await this.get(tx, id);
    if (created.length === 0) {
      if (provider.kind === wanted.kind && provider.name === wanted.name) return provider;
      throw new DomainError('REQUEST.IDEMPOTENCY_MISMATCH');
    }
    await this.record(tx, actor, { action: 'identity-provider.created', id, details: { kind: wanted.kind } });
    return provider;
  }

  /** @throws DomainError REQUEST.NOT_FOUND, SSO.NAME_TAKEN, SSO.NOT_READY when it is to be enabled and has no metadata */
  async change(
    tx: TenantTransaction,
    actor: AuditActor,
    id: string,
    change: ProviderChange,
  ): Promise<IdentityProvider> {
    const next = { ...(await this.get(tx, id)), ...change };
    if (next.enabled && !next.settings) throw new DomainError('SSO.NOT_READY');
    await namedOnce(
      tx.query(
        `UPDATE identity_providers SET name = $3, enabled = $4, vouches_for_mfa = $5, creates_members = $6,
           links_by_login_id = $7, login_id_attribute = $8, display_name_attribute = $9, department_attribute = $10,
           department_codes = $11, updated_at = $12
         WHERE tenant_id = $1 AND id = $2`,
        [
          tx.scope.tenantId,
          id,
          next.name,
          next.enabled,
          next.vouchesForMfa,
          next.createsMembers,
          next.linksByLoginId,
          next.loginIdAttribute,
          next.displayNameAttribute,
          next.departmentAttribute,
          next.departmentCodes,
          this.clock.now(),
        ],
      ),
    );
    const { enabled, vouchesForMfa, createsMembers, linksByLoginId } = next;
    const details = { enabled, vouchesForMfa, createsMembers, linksByLoginId };
    await this.record(tx, actor, { action: 'identity-provider.changed', id, details });
    return this.get(tx, id);
  }

  /**
   * Ends the sessions of everybody who may have come through the provider. A password session of such a member ends too:
   * who vouched for whom is no longer known to be true.
   */
  async endSessions(tx: TenantTransaction, id: string): Promise<void> {
    await tx.query(
      `UPDATE sessions SET revoked_at = $3 WHERE tenant_id = $1 AND revoked_at IS NULL AND member_id IN (
         SELECT member_id FROM member_identities WHERE tenant_id = $1 AND provider_id = $2)`,
      [tx.scope.tenantId, id, this.clock.now()],
    );
  }

  /** Replaces what was uploaded; an answer that is on its way is then read by the new. */
  async configure(
    tx: TenantTransaction,
    actor: AuditActor,
    id: string,
    { settings, sealedSecret }: { settings: ProviderSettings; sealedSecret: Buffer | null },
  ): Promise<IdentityProvider> {
    await tx.query(
      `UPDATE identity_providers SET settings = $3, client_secret_sealed = $4, last_test = NULL, updated_at = $5
       WHERE tenant_id = $1 AND id = $2`,
      [tx.scope.tenantId, id, settings, sealedSecret, this.clock.now()],
    );
    const issuer = settings.kind === 'saml' ? settings.entityId : settings.issuer;
    await this.record(tx, actor, { action: 'identity-provider.configured', id, details: { issuer } });
    return this.get(tx, id);
  }

  async keepTest(tx: TenantTransaction, actor: AuditActor, id: string, result: TestResult): Promise<void> {
    await tx.query('UPDATE identity_providers SET last_test = $3 WHERE tenant_id = $1 AND id = $2', [
      tx.scope.tenantId,
      id,
      result,
    ]);
    const outcome = result.code === null ? 'success' : 'failed';
    await this.record(tx, actor, { action: 'identity-provider.tested', id, details: { code: result.code }, outcome });
  }

  /** Its ties to members go with it; the members stay. @throws DomainError REQUEST.NOT_FOUND, SSO.STILL_ENABLED */
  async remove(tx: TenantTransaction, actor: AuditActor, id: string): Promise<void> {
    const { enabled } = await this.get(tx, id);
    if (enabled) throw new DomainError('SSO.STILL_ENABLED');
    await tx.query('DELETE FROM identity_providers WHERE tenant_id = $1 AND id = $2', [tx.scope.tenantId, id]);
    await this.record(tx, actor, { action: 'identity-provider.removed', id });
  }

  private record(
    tx: TenantTransaction,
    actor: AuditActor,
    event: {
      action: string;
      id: string;
      details?: Record<string, string | boolean | null>;
      outcome?: 'success' | 'failed';
    },
  ): Promise<void> {
    const { action, id, details, outcome } = event;
    return this.audit.append(tx, {
      action,
      actor,
      segment: tx.scope.segment,
      subject: { type: 'identity-provider', id },
      ...(details && { details }),
      ...(outcome && { outcome }),
    });
  }
}
