import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import { TenantDatabase, TenantTransaction, type Transaction } from '#libs/database';
import { Clock, DomainError, type Segment, type TenantId, newId } from '#libs/kernel';
import { Signals } from '#libs/queue';
import { type Envelope, InvitationMails } from './invitation-mails.ts';
import { PasswordHasher } from '../passwords/password-hasher.ts';
import { assertPasswordAllowed } from '../passwords/password-rules.ts';
import { RIGHTS_END_AT } from './rights-end.ts';
import { hashSecret, isSecretOf, newSecret, readInvitationToken, writeInvitationToken } from '../keys/secrets.ts';
import { SessionAuthenticator } from '../sessions/session-authenticator.ts';

const LIFE_DAYS = 14;
const DAY_MS = 86_400_000;

/** The link is `<origin of the member's network>/invitation#<token>`. The token exists nowhere else. */
export interface IssuedInvitation {
  readonly token: string;
  readonly expiresAt: Date;
  /** It is on its way to its member by mail. */
  readonly mailed: boolean;
}

/** Whom an invitation is for, told to who holds it. */
export interface InvitationView {
  readonly city: { readonly code: string; readonly name: string };
  readonly loginId: string;
  readonly displayName: string;
  readonly expiresAt: Date;
}

interface Row {
  secret_hash: Buffer;
  expires_at: Date;
  is_used: boolean;
  is_revoked: boolean;
  member_id: string;
  login_id: string;
  display_name: string;
  is_active: boolean;
  city_code: string;
  city_name: string;
  is_served: boolean;
}

// An invitation ends when a newer one is issued, and the vendor's opens only an administrator who never came: it is for
// a city's beginning, not a way in.
const FIND = `
  SELECT i.secret_hash, i.expires_at, i.accepted_at IS NOT NULL AS is_used,
    i.revoked_at IS NOT NULL
      OR EXISTS (SELECT FROM member_invitations n WHERE n.tenant_id = i.tenant_id AND n.member_id = i.member_id AND n.id > i.id)
      OR (i.issued_as = 'moyai_ops' AND NOT (m.role = 'admin' AND m.password_hash IS NULL AND m.last_sign_in_at IS NULL))
      AS is_revoked,
    m.id AS member_id, m.login_id, m.display_name, m.status = 'active' AND (m.expires_on IS NULL OR ${RIGHTS_END_AT} > $4) AS is_active,
    t.code AS city_code, t.name AS city_name, t.status = 'active' AS is_served
  FROM member_invitations i
  JOIN members m ON m.tenant_id = i.tenant_id AND m.id = i.member_id
  JOIN tenants t ON t.id = i.tenant_id
  WHERE i.tenant_id = $1 AND i.id = $2 AND m.segment = $3`;

/** Single-use invitations by which a member sets a password: the first one, or a new one for one that was lost. */
@Injectable()
export class Invitations {
  constructor(
    private readonly database: TenantDatabase,
    private readonly hasher: PasswordHasher,
    private readonly authenticator: SessionAuthenticator,
    private readonly mails: InvitationMails,
    private readonly audit: AuditTrail,
    private readonly signals: Signals,
    private readonly clock: Clock,
  ) {}

  /**
   * Ends the member's older invitations; a password stays as it is until the invitation is used.
   * @param tx of the city, or of the ops role acting on it, which can only invite an administrator who never came
   * @param envelope to mail it in, where the member can be mailed; see {@link InvitationMails.envelope}
   * @throws DomainError REQUEST.NOT_FOUND, IDENTITY.MEMBER_DISABLED
   */
  async issue(
    tx: Transaction,
    actor: AuditActor,
    memberId: string,
    envelope: Envelope | null = null,
  ): Promise<IssuedInvitation> {
    const [member] = await tx.query<{ tenantId: TenantId; status: string }>(
      'SELECT tenant_id AS "tenantId", status FROM members WHERE tenant_id = app_tenant_id() AND id = $1',
      [memberId],
    );
    if (!member) throw new DomainError('REQUEST.NOT_FOUND');
    if (member.status !== 'active') throw new DomainError('IDENTITY.MEMBER_DISABLED');
    const { tenantId } = member;
    const [id, secret, now] = [newId(), newSecret(), this.clock.now()];
    const expiresAt = new Date(now.getTime() + LIFE_DAYS * DAY_MS);
    await tx.query(
      `INSERT INTO member_invitations (tenant_id, id, member_id, secret_hash, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [tenantId, id, memberId, hashSecret(secret), now, expiresAt],
    );
    const token = writeInvitationToken({ tenantId, id, secret });
    if (tx instanceof TenantTransaction) await this.mails.recall(tx, memberId);
    const mailed = envelope !== null && (await this.mails.put(tx, envelope, { memberId, token, expiresAt }));
    await this.record(tx, 'invitation.issued', { type: actor.type, id: actor.id }, memberId);
    return { token, expiresAt, mailed };
  }

  /** Ends whatever invitation of the member is open. @throws DomainError REQUEST.NOT_FOUND when there is no such member */
  async revoke(tx: TenantTransaction, actor: AuditActor, memberId: string): Promise<void> {
    const [member] = await tx.query('SELECT FROM members WHERE id = $1', [memberId]);
    if (!member) throw new DomainError('REQUEST.NOT_FOUND');
    const revoked = await tx.query(
      `UPDATE member_invitations SET revoked_at = $2
       WHERE member_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL RETURNING id`,
      [memberId, this.clock.now()],
    );
    await this.mails.recall(tx, memberId);
    if (revoked.length > 0)
      await this.record(tx, 'invitation.revoked', { type: actor.type, id: actor.id }, memberId, tx.scope.segment);
  }

  /**
   * @param segment the network the request came in through: an invitation of another one is not there
   * @throws DomainError IDENTITY.INVITATION_UNKNOWN, _USED, _REVOKED, _EXPIRED, IDENTITY.MEMBER_DISABLED, TENANCY.SUSPENDED
   */
  async view(token: string, segment: Segment): Promise<InvitationView> {
    const { row } = await this.open(token, segment);
    return {
      city: { code: row.city_code, name: row.city_name },
      loginId: row.login_id,
      displayName: row.display_name,
      expiresAt: row.expires_at,
    };
  }

  /**
   * Sets the password, once; sessions opened with an older one are dead.
   * @throws DomainError as {@link view}, and IDENTITY.PASSWORD_REFUSED, which leaves the invitation as it was
   */
  async accept(token: string, segment: Segment, newPassword: string): Promise<void> {
    const { row, id, tenantId } = await this.open(token, segment);
    assertPasswordAllowed(newPassword, [row.login_id, row.display_name, row.city_name, row.city_code]);
    const hash = await this.hasher.hash(newPassword);
    const memberId = row.member_id;
    await this.database.run({ tenantId, segment }, async (tx) => {
      const now = this.clock.now();
      const [claimed] = await tx.query(
        `UPDATE member_invitations SET accepted_at = $3
         WHERE tenant_id = $1 AND id = $2 AND accepted_at IS NULL AND revoked_at IS NULL RETURNING id`,
        [tenantId, id, now],
      );
      if (!claimed) throw new DomainError('IDENTITY.INVITATION_USED');
      const [member] = await tx.query(
        `UPDATE members SET password_hash = $2, password_changed_at = $3, updated_at = $3
         WHERE id = $1 AND status = 'active' RETURNING id`,
        [memberId, hash, now],
      );
      if (!member) throw new DomainError('IDENTITY.MEMBER_DISABLED');
      await this.record(tx, 'invitation.accepted', { type: 'member', id: memberId }, memberId, segment);
    });
    this.authenticator.forget((actor) => actor.id === memberId);
    this.signals.publish({ kind: 'member.changed', tenantId, memberId });
  }

  private async open(text: string, segment: Segment): Promise<{ row: Row; id: string; tenantId: TenantId }> {
    const token = readInvitationToken(text);
    if (!token) throw new DomainError('IDENTITY.INVITATION_UNKNOWN');
    const { tenantId, id, secret } = token;
    const [row] = await this.database.run({ tenantId, segment }, (tx) =>
      tx.query<Row>(FIND, [tenantId, id, segment, this.clock.now()]),
    );
    if (!row || !isSecretOf(secret, row.secret_hash)) throw new DomainError('IDENTITY.INVITATION_UNKNOWN');
    if (!row.is_served) throw new DomainError('TENANCY.SUSPENDED');
    if (row.is_used) throw new DomainError('IDENTITY.INVITATION_USED');
    if (row.is_revoked) throw new DomainError('IDENTITY.INVITATION_REVOKED');
    if (!row.is_active) throw new DomainError('IDENTITY.MEMBER_DISABLED');
    if (row.expires_at <= this.clock.now()) throw new DomainError('IDENTITY.INVITATION_EXPIRED');
    return { row, id, tenantId };
  }

  private record(
    tx: Transaction,
    action: string,
    actor: AuditActor,
    memberId: string,
    segment?: Segment,
  ): Promise<void> {
    return this.audit.append(tx, {
      action,
      actor,
      subject: { type: 'member', id: memberId },
      ...(segment && { segment }),
    });
  }
}
