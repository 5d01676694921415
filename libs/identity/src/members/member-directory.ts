import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import { type TenantTransaction, UNIQUE_VIOLATION, refusedWith } from '#libs/database';
import { Clock, DomainError, type Segment, newId } from '#libs/kernel';
import { DepartmentTree } from '#libs/tenancy';
import type { SecondFactors } from '../factors/second-factors.ts';
import { loginIdKey } from './login-id.ts';
import type { MemberRole } from '../permissions.ts';

export type MemberStatus = 'active' | 'disabled';

/** 職員 as an administrator sees them. */
export interface Member {
  readonly id: string;
  readonly loginId: string;
  readonly displayName: string;
  readonly role: MemberRole;
  /** The one network this member signs in on. */
  readonly segment: Segment;
  readonly department: { readonly id: string; readonly name: string } | null;
  readonly status: MemberStatus;
  /** The last JST day (`YYYY-MM-DD`) of their rights; null where these do not end. */
  readonly lastDay: string | null;
  readonly mailAddress: string | null;
  /** False: invited and not come yet, or signed in by the city's identity provider alone. */
  readonly hasPassword: boolean;
  /** Kept by the city's identity provider through SCIM. */
  readonly isProvisioned: boolean;
  /** Until when the invitation that is open can be used, also when that is past. */
  readonly invitedUntil: Date | null;
  readonly lastSignInAt: Date | null;
}

export interface NewMember {
  readonly loginId: string;
  readonly displayName: string;
  readonly role: MemberRole;
  readonly segment: Segment;
  readonly departmentId: string | null;
  readonly mailAddress?: string | null;
}

export interface MemberChange {
  readonly loginId?: string;
  readonly displayName?: string;
  /** Null: none is known. */
  readonly mailAddress?: string | null;
  readonly role?: MemberRole;
  /** Null: no department. */
  readonly departmentId?: string | null;
  readonly status?: MemberStatus;
  /** Null: the rights do not end. */
  readonly lastDay?: string | null;
}

export interface MemberQuery {
  /** Part of a login id or of a name. */
  readonly query?: string;
  /** Login id of the last member of the page before. */
  readonly after: string;
  readonly limit: number;
}

interface Row extends Omit<Member, 'department'> {
  readonly departmentId: string | null;
  readonly departmentName: string | null;
}

const SELECT = `
  SELECT m.id, m.login_id AS "loginId", m.display_name AS "displayName", m.role, m.segment, m.status,
         (m.expires_on - 1)::text AS "lastDay", m.last_sign_in_at AS "lastSignInAt", m.mail_address AS "mailAddress", m.password_hash IS NOT NULL AS "hasPassword",
         EXISTS (SELECT FROM member_provisionings p
           WHERE p.tenant_id = m.tenant_id AND p.member_id = m.id AND p.removed_at IS NULL) AS "isProvisioned",
         CASE WHEN i.accepted_at IS NULL AND i.revoked_at IS NULL THEN i.expires_at END AS "invitedUntil",
         d.id AS "departmentId", d.name AS "departmentName"
  FROM members m LEFT JOIN departments d ON d.tenant_id = m.tenant_id AND d.id = m.department_id
  LEFT JOIN LATERAL (
    SELECT accepted_at, revoked_at, expires_at FROM member_invitations
    WHERE tenant_id = m.tenant_id AND member_id = m.id ORDER BY id DESC LIMIT 1) i ON true`;

const toMember = ({ departmentId, departmentName, ...row }: Row): Member => ({
  ...row,
  department: departmentId ? { id: departmentId, name: departmentName! } : null,
});

/** The members of a city, within the caller's transaction. What must happen around it, MemberAdministration does. */
@Injectable()
export class MemberDirectory {
  constructor(
    private readonly departments: DepartmentTree,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** One page in order of login id. */
  async list(tx: TenantTransaction, { query, after, limit }: MemberQuery): Promise<Member[]> {
    const rows = await tx.query<Row>(
      `${SELECT}
       WHERE m.login_id_key COLLATE "C" > $1 AND ($2 = '' OR position($2 IN m.login_id_key) > 0
         OR position($2 IN lower(m.display_name)) > 0)
       ORDER BY m.login_id_key COLLATE "C" LIMIT $3`,
      [loginIdKey(after), loginIdKey(query ?? ''), limit],
    );
    return rows.map(toMember);
  }

  /** @throws DomainError REQUEST.NOT_FOUND */
  async get(tx: TenantTransaction, id: string): Promise<Member> {
    const [row] = await tx.query<Row>(`${SELECT} WHERE m.id = $1`, [id]);
    if (!row) throw new DomainError('REQUEST.NOT_FOUND');
    return toMember(row);
  }

  /** In no order; ids that name nobody are left out. */
  async getAll(tx: TenantTransaction, ids: readonly string[]): Promise<Member[]> {
    return (await tx.query<Row>(`${SELECT} WHERE m.id = ANY ($1)`, [ids])).map(toMember);
  }

  async findByLoginId(tx: TenantTransaction, loginId: string): Promise<Member | null> {
    const [row] = await tx.query<Row>(`${SELECT} WHERE m.login_id_key = $1`, [loginIdKey(loginId)]);
    return row ? toMember(row) : null;
  }

  /** Display names by id, for lists that hold ids. */
  async namesOf(tx: TenantTransaction, ids: readonly string[]): Promise<Map<string, string>> {
    const rows = await tx.query<{ id: string; name: string }>(
      'SELECT id, display_name AS name FROM members WHERE id = ANY ($1)',
      [ids],
    );
    return new Map(rows.map(({ id, name }) => [id, name]));
  }

  /**
   * @param passwordHash null for a member who will be invited or signs in elsewhere
   * @throws DomainError TENANCY.LOGIN_ID_TAKEN, TENANCY.DEPARTMENT_UNKNOWN
   */
  async create(
    tx: TenantTransaction,
    actor: AuditActor,
    member: NewMember,
    passwordHash: string | null,
  ): Promise<Member> {
    await this.departments.assertKnown(tx, member.departmentId);
    const [row] = await tx.query<{ id: string }>(
      `INSERT INTO members (tenant_id, id, login_id, login_id_key, display_name, role, segment, department_id,
         password_hash, mail_address, password_changed_at, created_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $11)
       ON CONFLICT (tenant_id, login_id_key) DO NOTHING RETURNING id`,
      [
        tx.scope.tenantId,
        newId(),
        member.loginId,
        loginIdKey(member.loginId),
        member.displayName,
        member.role,
        member.segment,
        member.departmentId,
        passwordHash,
        member.mailAddress ?? null,
        this.clock.now(),
      ],
    );
    if (!row) throw new DomainError('TENANCY.LOGIN_ID_TAKEN');
    const created = await this.get(tx, row.id);
    await this.record(tx, actor, 'member.created', created);
    return created;
  }

  /** @throws DomainError REQUEST.NOT_FOUND, TENANCY.DEPARTMENT_UNKNOWN, TENANCY.LAST_ADMIN, TENANCY.LOGIN_ID_TAKEN */
  async change(tx: TenantTransaction, actor: AuditActor, id: string, change: MemberChange): Promise<Member> {
    if (change.departmentId) await this.departments.assertKnown(tx, change.departmentId);
    const staysAdmin =
      (change.role ?? 'admin') === 'admin' && (change.status ?? 'active') === 'active' && !change.lastDay;
    if (!staysAdmin) await this.assertNotLastAdmin(tx, id);
    if (change.loginId !== undefined) await this.rename(tx, id, change.loginId);
    await tx.query(
      `UPDATE members SET display_name = coalesce($2, display_name), role = coalesce($3, role),
         status = coalesce($4, status), department_id = CASE WHEN $5 THEN $6::uuid ELSE department_id END,
         expires_on = CASE WHEN $7 THEN $8::date + 1 ELSE expires_on END,
         mail_address = CASE WHEN $9 THEN $10 ELSE mail_address END, updated_at = $11
       WHERE id = $1`,
      [
        id,
        change.displayName ?? null,
        change.role ?? null,
        change.status ?? null,
        change.departmentId !== undefined,
        change.departmentId ?? null,
        change.lastDay !== undefined,
        change.lastDay ?? null,
        change.mailAddress !== undefined,
        change.mailAddress ?? null,
        this.clock.now(),
      ],
    );
    const changed = await this.get(tx, id);
    await this.record(tx, actor, 'member.changed', changed);
    return changed;
  }

  /** @throws DomainError TENANCY.LOGIN_ID_TAKEN */
  private async rename(tx: TenantTransaction, id: string, loginId: string): Promise<void> {
    try {
      await tx.query('UPDATE members SET login_id = $2, login_id_key = $3 WHERE id = $1 AND login_id <> $2', [
        id,
        loginId,
        loginIdKey(loginId),
      ]);
    } catch (error) {
      if (refusedWith(error, UNIQUE_VIOLATION)) throw new DomainError('TENANCY.LOGIN_ID_TAKEN');
      throw error;
    }
  }

  /** Sets the password; every session opened with the old one is dead. @throws DomainError REQUEST.NOT_FOUND */
  async setPassword(tx: TenantTransaction, actor: AuditActor, id: string, hash: string): Promise<void> {
    const [row] = await tx.query<{ id: string }>(
      `UPDATE members SET password_hash = $2, password_changed_at = $3, updated_at = $3 WHERE id = $1 RETURNING id`,
      [id, hash, this.clock.now()],
    );
    if (!row) throw new DomainError('REQUEST.NOT_FOUND');
    await this.record(tx, actor, actor.id === id ? 'member.password-changed' : 'member.password-reset', { id });
  }

  /** Takes the member's second factors away and ends the sessions of the transaction's network. */
  async resetFactors(tx: TenantTransaction, actor: AuditActor, id: string, factors: SecondFactors): Promise<void> {
    await factors.reset(tx, { plane: 'member', id });
    await this.revokeSessions(tx, id);
    await this.record(tx, actor, 'member.factors-reset', { id });
  }

  /** Ends the sessions of the transaction's network. */
  async endSessions(tx: TenantTransaction, actor: AuditActor, id: string): Promise<void> {
    await this.revokeSessions(tx, id);
    await this.record(tx, actor, 'member.signed-out', { id });
  }

  private async revokeSessions(tx: TenantTransaction, id: string): Promise<void> {
    await tx.query('UPDATE sessions SET revoked_at = $2 WHERE member_id = $1 AND revoked_at IS NULL', [
      id,
      this.clock.now(),
    ]);
  }

  /**
   * Locks all administrators first: two who remove each other take turns, and the second is refused. One whose rights end
   * does not count, or a city would be without any on some morning.
   */
  private async assertNotLastAdmin(tx: TenantTransaction, id: string): Promise<void> {
    const admins = await tx.query<{ id: string }>(
      `SELECT id FROM members WHERE role = 'admin' AND status = 'active' AND expires_on IS NULL ORDER BY id FOR UPDATE`,
    );
    if (admins.length === 1 && admins[0]!.id === id) throw new DomainError('TENANCY.LAST_ADMIN');
  }

  private record(
    tx: TenantTransaction,
    actor: AuditActor,
    action: string,
    { id, role, segment, status }: Pick<Member, 'id'> & Partial<Member>,
  ): Promise<void> {
    return this.audit.append(tx, {
      action,
      actor,
      segment: tx.scope.segment,
      subject: { type: 'member', id },
      ...(role && segment && status && { details: { role, segment, status } }),
    });
  }
}
