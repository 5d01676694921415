import { Injectable } from '@nestjs/common';
import type { AuditActor } from '#libs/audit';
import type { TenantTransaction } from '#libs/database';
import { DomainError } from '#libs/kernel';
import { MemberDirectory } from '../members/member-directory.ts';

/** A department with those of its members whom the provider may see. */
export interface ProvisionedGroup {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly memberIds: readonly string[];
  readonly changedAt: Date;
}

export interface GroupQuery {
  readonly by: { readonly attribute: 'name' | 'code' | 'id'; readonly value: string } | null;
  readonly offset: number;
  readonly limit: number;
}

// Half-width or full-width, a name is the same to people
const MATCHES = {
  name: 'normalize(d.name, NFKC) = normalize($2, NFKC)',
  code: 'd.code = $2',
  id: 'd.id::text = lower($2)',
} as const;

/** Closed departments are gone for a provider: nobody can belong to them. */
const OPEN = `FROM departments d
  WHERE (d.closed_on IS NULL OR d.closed_on > (now() AT TIME ZONE 'Asia/Tokyo')::date)`;

const COLUMNS = `SELECT d.id, d.code, d.name, d.updated_at AS "changedAt", coalesce((
    SELECT array_agg(m.id ORDER BY m.login_id_key) FROM members m
    LEFT JOIN member_provisionings p ON p.tenant_id = m.tenant_id AND p.member_id = m.id
    WHERE m.department_id = d.id AND m.segment = $1 AND p.removed_at IS NULL), '{}') AS "memberIds"`;

/** Departments as a provider's groups: it may say who belongs to one, and nothing else of them (docs/decisions/0028). */
@Injectable()
export class ProvisionedGroups {
  constructor(private readonly members: MemberDirectory) {}

  /** In order of code. @returns how many there are in all, and those of the page */
  async list(
    tx: TenantTransaction,
    { by, offset, limit }: GroupQuery,
  ): Promise<{ total: number; items: ProvisionedGroup[] }> {
    const matching = `${OPEN} AND ${by ? MATCHES[by.attribute] : `$2 = ''`} AND $1 <> ''`;
    const asked = [tx.scope.segment, by?.value ?? ''];
    const [count] = await tx.query<{ total: number }>(`SELECT count(*)::integer AS total ${matching}`, asked);
    const items = await tx.query<ProvisionedGroup>(`${COLUMNS} ${matching} ORDER BY d.code OFFSET $3 LIMIT $4`, [
      ...asked,
      offset,
      limit,
    ]);
    return { total: count!.total, items };
  }

  /** @throws DomainError REQUEST.NOT_FOUND */
  async get(tx: TenantTransaction, id: string): Promise<ProvisionedGroup> {
    const [group] = await tx.query<ProvisionedGroup>(`${COLUMNS} ${OPEN} AND d.id = $2`, [tx.scope.segment, id]);
    if (!group) throw new DomainError('REQUEST.NOT_FOUND');
    return group;
  }

  /** As {@link get}; nobody else changes who belongs to it by SCIM until the transaction ends. */
  async hold(tx: TenantTransaction, id: string): Promise<ProvisionedGroup> {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('groups:' || $1, 0))`, [tx.scope.tenantId]);
    return this.get(tx, id);
  }

  /**
   * Who is new to a group leaves the department before; who leaves it belongs to none.
   * @returns those who moved
   * @throws DomainError IDENTITY.MEMBER_UNKNOWN
   */
  async regroup(
    tx: TenantTransaction,
    actor: AuditActor,
    group: ProvisionedGroup,
    memberIds: readonly string[],
  ): Promise<string[]> {
    const [before, after] = [new Set(group.memberIds), new Set(memberIds)];
    const joining = [...after].filter((id) => !before.has(id));
    const leaving = [...before].filter((id) => !after.has(id));
    const known = await tx.query<{ id: string }>(
      `SELECT m.id FROM members m LEFT JOIN member_provisionings p ON p.tenant_id = m.tenant_id AND p.member_id = m.id
       WHERE m.segment = $1 AND p.removed_at IS NULL AND m.id = ANY ($2)`,
      [tx.scope.segment, joining],
    );
    if (known.length < joining.length) throw new DomainError('IDENTITY.MEMBER_UNKNOWN');
    for (const id of joining) await this.members.change(tx, actor, id, { departmentId: group.id });
    for (const id of leaving) await this.members.change(tx, actor, id, { departmentId: null });
    return [...joining, ...leaving];
  }
}
