import { Injectable } from '@nestjs/common';
import type { AuditActor } from '#libs/audit';
import { type TenantTransaction, UNIQUE_VIOLATION, refusedWith } from '#libs/database';
import { Clock, DomainError } from '#libs/kernel';
import { loginIdKey } from '../members/login-id.ts';
import { type Member, MemberDirectory } from '../members/member-directory.ts';
import { type ProvisionedRole, ProvisionedRoles } from './provisioned-roles.ts';

/** A member as the city's identity provider may see and keep one: of its own network, and not taken away by it. */
export interface ProvisionedMember {
  readonly member: Member;
  /** The provider's own name for the member. */
  readonly externalId: string | null;
  /** The provider's word that gave the role; null: the city's administrator gave it. */
  readonly roleValue: string | null;
  readonly createdAt: Date;
  readonly changedAt: Date;
}

/** All of a member that a provider may say. */
export interface ProvisionedFacts {
  readonly loginId: string;
  readonly displayName: string;
  readonly mailAddress: string | null;
  readonly externalId: string | null;
  readonly active: boolean;
  /** Words for roles; only those an administrator has mapped mean anything. */
  readonly roleValues: readonly string[];
}

export interface ProvisionedQuery {
  readonly by: { readonly attribute: keyof typeof MATCHES; readonly value: string } | null;
  readonly offset: number;
  readonly limit: number;
}

interface Row extends Omit<ProvisionedMember, 'member'> {
  readonly id: string;
}

const MATCHES = {
  loginId: 'm.login_id_key = $2',
  externalId: 'p.external_id = $2',
  id: 'm.id::text = lower($2)',
} as const;

const COLUMNS = `SELECT m.id, p.external_id AS "externalId", p.role_value AS "roleValue", m.created_at AS "createdAt",
  greatest(m.updated_at, p.changed_at) AS "changedAt"`;

const VISIBLE = `FROM members m LEFT JOIN member_provisionings p ON p.tenant_id = m.tenant_id AND p.member_id = m.id
  WHERE m.segment = $1 AND p.removed_at IS NULL`;

/** Members as a provider keeps them, within the caller's transaction (docs/decisions/0028). */
@Injectable()
export class ProvisionedMembers {
  constructor(
    private readonly members: MemberDirectory,
    private readonly roles: ProvisionedRoles,
    private readonly clock: Clock,
  ) {}

  /** In order of login id. @returns how many there are in all, and those of the page */
  async list(
    tx: TenantTransaction,
    { by, offset, limit }: ProvisionedQuery,
  ): Promise<{ total: number; items: ProvisionedMember[] }> {
    const matching = `${VISIBLE} AND ${by ? MATCHES[by.attribute] : `$2 = ''`}`;
    const value = by?.attribute === 'loginId' ? loginIdKey(by.value) : (by?.value ?? '');
    const asked = [tx.scope.segment, value];
    const [count] = await tx.query<{ total: number }>(`SELECT count(*)::integer AS total ${matching}`, asked);
    const rows = await tx.query<Row>(`${COLUMNS} ${matching} ORDER BY m.login_id_key COLLATE "C" OFFSET $3 LIMIT $4`, [
      ...asked,
      offset,
      limit,
    ]);
    const ids = rows.map(({ id }) => id);
    const members = new Map((await this.members.getAll(tx, ids)).map((member) => [member.id, member]));
    return { total: count!.total, items: rows.map(({ id, ...row }) => ({ ...row, member: members.get(id)! })) };
  }

  /** How many of the network's members the provider keeps, and when it last did something. */
  async summary(tx: TenantTransaction): Promise<{ kept: number; lastChangedAt: Date | null }> {
    const [summary] = await tx.query<{ kept: number; lastChangedAt: Date | null }>(
      `SELECT (count(*) FILTER (WHERE p.removed_at IS NULL))::integer AS kept, max(p.changed_at) AS "lastChangedAt"
       FROM member_provisionings p JOIN members m ON m.tenant_id = p.tenant_id AND m.id = p.member_id
       WHERE m.segment = $1`,
      [tx.scope.segment],
    );
    return summary!;
  }

  /** @throws DomainError REQUEST.NOT_FOUND */
  async get(tx: TenantTransaction, id: string): Promise<ProvisionedMember> {
    const [row] = await tx.query<Row>(`${COLUMNS} ${VISIBLE} AND m.id = $2`, [tx.scope.segment, id]);
    if (!row) throw new DomainError('REQUEST.NOT_FOUND');
    const { id: _id, ...facts } = row;
    return { ...facts, member: await this.members.get(tx, id) };
  }

  /** As {@link get}; nobody else changes it until the transaction ends. @throws DomainError REQUEST.NOT_FOUND */
  async hold(tx: TenantTransaction, id: string): Promise<ProvisionedMember> {
    await tx.query('SELECT 1 FROM members WHERE id = $1 FOR UPDATE', [id]);
    return this.get(tx, id);
  }

  /**
   * A new member without a password; or one that the provider took away, who comes back as the same person.
   * @throws DomainError TENANCY.LOGIN_ID_TAKEN, IDENTITY.EXTERNAL_ID_TAKEN, TENANCY.LAST_ADMIN
   */
  async create(tx: TenantTransaction, actor: AuditActor, facts: ProvisionedFacts): Promise<ProvisionedMember> {
    const [removed] = await tx.query<{ id: string; roleValue: string | null }>(
      `SELECT m.id, p.role_value AS "roleValue" FROM members m
       JOIN member_provisionings p ON p.tenant_id = m.tenant_id AND p.member_id = m.id
       WHERE m.login_id_key = $1 AND m.segment = $2 AND p.removed_at IS NOT NULL FOR UPDATE`,
      [loginIdKey(facts.loginId), tx.scope.segment],
    );
    const role = await this.roles.firstOf(tx, facts.roleValues);
    if (removed) return this.write(tx, actor, removed, facts, role);
    const { loginId, displayName, mailAddress } = facts;
    const { segment } = tx.scope;
    const member = { loginId, displayName, mailAddress, segment, role: role?.role ?? 'staff', departmentId: null };
    const { id } = await this.members.create(tx, actor, member, null);
    await this.bind(tx, id, facts.externalId, role);
    if (!facts.active) await this.members.change(tx, actor, id, { status: 'disabled' });
    return this.get(tx, id);
  }

  /** Call with what {@link hold} gave. @throws DomainError TENANCY.LOGIN_ID_TAKEN, TENANCY.LAST_ADMIN, IDENTITY.EXTERNAL_ID_TAKEN */
  async replace(
    tx: TenantTransaction,
    actor: AuditActor,
    { member, roleValue }: ProvisionedMember,
    facts: ProvisionedFacts,
  ): Promise<ProvisionedMember> {
    const role = await this.roles.firstOf(tx, facts.roleValues);
    return this.write(tx, actor, { id: member.id, roleValue }, facts, role);
  }

  /** Disables a member and hides it from the provider. Call with what {@link hold} gave. @throws DomainError TENANCY.LAST_ADMIN */
  async remove(tx: TenantTransaction, actor: AuditActor, { member, externalId }: ProvisionedMember): Promise<void> {
    await this.bind(tx, member.id, externalId, null, this.clock.now());
    await this.members.change(tx, actor, member.id, { status: 'disabled' });
  }

  private async write(
    tx: TenantTransaction,
    actor: AuditActor,
    { id, roleValue }: { id: string; roleValue: string | null },
    { loginId, displayName, mailAddress, active, externalId }: ProvisionedFacts,
    role: ProvisionedRole | null,
  ): Promise<ProvisionedMember> {
    await this.bind(tx, id, externalId, role);
    await this.members.change(tx, actor, id, {
      loginId,
      displayName,
      mailAddress,
      status: active ? 'active' : 'disabled',
      // What a word gave goes with the word; what an administrator gave stays.
      ...(role ? { role: role.role } : roleValue !== null && { role: 'staff' }),
    });
    return this.get(tx, id);
  }

  /** From now on the provider's. @throws DomainError IDENTITY.EXTERNAL_ID_TAKEN */
  private async bind(
    tx: TenantTransaction,
    id: string,
    externalId: string | null,
    role: ProvisionedRole | null,
    removedAt: Date | null = null,
  ): Promise<void> {
    try {
      await tx.query(
        `INSERT INTO member_provisionings
           (tenant_id, member_id, external_id, role_value, provisioned_at, changed_at, removed_at)
         VALUES ($1, $2, $3, $4, $5, $5, $6)
         ON CONFLICT (tenant_id, member_id)
           DO UPDATE SET external_id = $3, role_value = $4, changed_at = $5, removed_at = $6`,
        [tx.scope.tenantId, id, externalId, role?.value ?? null, this.clock.now(), removedAt],
      );
    } catch (error) {
      if (refusedWith(error, UNIQUE_VIOLATION)) throw new DomainError('IDENTITY.EXTERNAL_ID_TAKEN');
      throw error;
    }
  }
}
