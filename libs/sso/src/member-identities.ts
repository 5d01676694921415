import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import type { TenantTransaction } from '#libs/database';
import { MemberDirectory, RIGHTS_END_AT } from '#libs/identity';
import { Clock, DomainError } from '#libs/kernel';
import { DepartmentTree } from '#libs/tenancy';
import { hashOf } from './external-identity.ts';
import type { ExternalIdentity, IdentityProvider } from './provider.ts';

/** A member as an identity provider knows the member. */
export interface LinkedMember {
  readonly memberId: string;
  readonly loginId: string;
  readonly displayName: string;
  readonly subject: string;
  readonly linkedAt: Date;
}

const MAX_LOGIN_ID = 64;
const MAX_NAME = 100;

/** Which member a subject of an identity provider is. A subject means somebody at its own provider only. */
@Injectable()
export class MemberIdentities {
  constructor(
    private readonly members: MemberDirectory,
    private readonly departments: DepartmentTree,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /**
   * The member who came, made or tied if the provider's rules say so.
   * @throws DomainError SSO.MEMBER_UNKNOWN, SSO.MEMBER_DISABLED, SSO.LOGIN_ID_UNUSABLE, SSO.LOGIN_ID_TAKEN
   */
  async resolve(tx: TenantTransaction, provider: IdentityProvider, identity: ExternalIdentity): Promise<string> {
    const linked = await this.linkedTo(tx, provider.id, identity.subject);
    if (linked) {
      await this.assertMaySignIn(tx, linked);
      return linked;
    }
    if (!provider.linksByLoginId && !provider.createsMembers) throw new DomainError('SSO.MEMBER_UNKNOWN');
    const loginId = identity.loginId?.trim() ?? '';
    if (loginId.length === 0 || loginId.length > MAX_LOGIN_ID || /\p{Cc}/u.test(loginId))
      throw new DomainError('SSO.LOGIN_ID_UNUSABLE');
    const existing = await this.members.findByLoginId(tx, loginId);
    if (existing) {
      if (!provider.linksByLoginId) throw new DomainError('SSO.LOGIN_ID_TAKEN');
      const { id } = existing;
      await this.assertMaySignIn(tx, id);
      // Somebody else at the provider is this member already: a login id that was given anew must not inherit.
      await this.insert(tx, provider, { subject: identity.subject, memberId: id, taken: 'SSO.LOGIN_ID_TAKEN' });
      await this.record(tx, 'member.identity-linked', { type: 'member', id }, { provider, memberId: id });
      return id;
    }
    if (!provider.createsMembers) throw new DomainError('SSO.MEMBER_UNKNOWN');
    return this.create(tx, provider, { ...identity, loginId });
  }

  /** An administrator's own tie. @throws DomainError REQUEST.NOT_FOUND, SSO.SUBJECT_TAKEN */
  async link(
    tx: TenantTransaction,
    actor: AuditActor,
    provider: IdentityProvider,
    { memberId, subject }: { memberId: string; subject: string },
  ): Promise<void> {
    const member = await this.members.get(tx, memberId);
    if (member.segment !== tx.scope.segment) throw new DomainError('REQUEST.NOT_FOUND');
    await this.insert(tx, provider, { subject, memberId, taken: 'SSO.SUBJECT_TAKEN' });
    await this.record(tx, 'member.identity-linked', actor, { provider, memberId });
  }

  /** Ends the member's sessions: who came as the wrong person is out. @throws DomainError REQUEST.NOT_FOUND */
  async unlink(tx: TenantTransaction, actor: AuditActor, provider: IdentityProvider, memberId: string): Promise<void> {
    const removed = await tx.query(
      'DELETE FROM member_identities WHERE tenant_id = $1 AND provider_id = $2 AND member_id = $3 RETURNING 1',
      [tx.scope.tenantId, provider.id, memberId],
    );
    if (removed.length === 0) throw new DomainError('REQUEST.NOT_FOUND');
    await tx.query(
      'UPDATE sessions SET revoked_at = $3 WHERE tenant_id = $1 AND member_id = $2 AND revoked_at IS NULL',
      [tx.scope.tenantId, memberId, this.clock.now()],
    );
    await this.record(tx, 'member.identity-unlinked', actor, { provider, memberId });
  }

  /** One page in order of login id. */
  async list(
    tx: TenantTransaction,
    providerId: string,
    { after, limit }: { after: string; limit: number },
  ): Promise<LinkedMember[]> {
    return tx.query<LinkedMember>(
      `SELECT m.id AS "memberId", m.login_id AS "loginId", m.display_name AS "displayName", i.subject,
              i.created_at AS "linkedAt"
       FROM member_identities i JOIN members m ON m.tenant_id = i.tenant_id AND m.id = i.member_id
       WHERE i.tenant_id = $1 AND i.provider_id = $2 AND m.login_id_key COLLATE "C" > $3
       ORDER BY m.login_id_key COLLATE "C" LIMIT $4`,
      [tx.scope.tenantId, providerId, after, limit],
    );
  }

  /** Refuses what was accepted before: of the same proof twice at once one passes. @throws DomainError SSO.REPLAYED */
  async spend(tx: TenantTransaction, providerId: string, { proofId, proofExpiresAt }: ExternalIdentity): Promise<void> {
    const { tenantId } = tx.scope;
    await tx.query(
      `DELETE FROM spent_assertions WHERE (tenant_id, provider_id, assertion_hash) IN (
         SELECT tenant_id, provider_id, assertion_hash FROM spent_assertions WHERE tenant_id = $1 AND expires_at < $2
         ORDER BY expires_at LIMIT 10 FOR UPDATE SKIP LOCKED)`,
      [tenantId, this.clock.now()],
    );
    const spent = await tx.query(
      `INSERT INTO spent_assertions (tenant_id, provider_id, assertion_hash, expires_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING RETURNING 1`,
      [tenantId, providerId, hashOf(proofId), proofExpiresAt],
    );
    if (spent.length === 0) throw new DomainError('SSO.REPLAYED');
  }

  private async linkedTo(tx: TenantTransaction, providerId: string, subject: string): Promise<string | null> {
    const [row] = await tx.query<{ id: string }>(
      `SELECT member_id AS id FROM member_identities WHERE tenant_id = $1 AND provider_id = $2 AND subject = $3`,
      [tx.scope.tenantId, providerId, subject],
    );
    return row?.id ?? null;
  }

  /** Active, of this network, with rights that have not ended. @throws DomainError SSO.MEMBER_DISABLED */
  private async assertMaySignIn(tx: TenantTransaction, memberId: string): Promise<void> {
    const [may] = await tx.query(
      `SELECT 1 FROM members m WHERE m.tenant_id = $1 AND m.id = $2 AND m.segment = $3 AND m.status = 'active'
         AND (m.expires_on IS NULL OR ${RIGHTS_END_AT} > $4)`,
      [tx.scope.tenantId, memberId, tx.scope.segment, this.clock.now()],
    );
    if (!may) throw new DomainError('SSO.MEMBER_DISABLED');
  }

  /** As staff: whoever is to have more is given it by an administrator. */
  private async create(
    tx: TenantTransaction,
    provider: IdentityProvider,
    { subject, loginId, displayName, departmentCode }: ExternalIdentity & { loginId: string },
  ): Promise<string> {
    const departments = departmentCode === null ? [] : await this.departments.list(tx);
    const member = await this.members.create(
      tx,
      { type: 'system', id: null },
      {
        loginId,
        displayName: (displayName ?? loginId).slice(0, MAX_NAME),
        role: 'staff',
        segment: tx.scope.segment,
        departmentId: departments.find(({ code }) => code === departmentCode)?.id ?? null,
      },
      null,
    );
    await this.insert(tx, provider, { subject, memberId: member.id, taken: 'SSO.SUBJECT_TAKEN' });
    await this.record(tx, 'member.identity-linked', { type: 'system', id: null }, { provider, memberId: member.id });
    return member.id;
  }

  private async insert(
    tx: TenantTransaction,
    provider: IdentityProvider,
    {
      subject,
      memberId,
      taken,
    }: { subject: string; memberId: string; taken: 'SSO.SUBJECT_TAKEN' | 'SSO.LOGIN_ID_TAKEN' },
  ): Promise<void> {
    const inserted = await tx.query(
      `INSERT INTO member_identities (tenant_id, provider_id, subject, member_id, created_at)
       VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING 1`,
      [tx.scope.tenantId, provider.id, subject, memberId, this.clock.now()],
    );
    if (inserted.length === 0) throw new DomainError(taken);
  }

  private record(
    tx: TenantTransaction,
    action: string,
    actor: AuditActor,
    { provider, memberId }: { provider: IdentityProvider; memberId: string },
  ): Promise<void> {
    return this.audit.append(tx, {
      action,
      actor,
      segment: tx.scope.segment,
      subject: { type: 'member', id: memberId },
      details: { providerId: provider.id },
    });
  }
}
