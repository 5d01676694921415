import { Injectable } from '@nestjs/common';
import type { AuditActor } from '#libs/audit';
import { TenantDatabase, type TenantScope } from '#libs/database';
import { Signals } from '#libs/queue';
import { SecondFactors } from '../factors/second-factors.ts';
import type { Envelope } from './invitation-mails.ts';
import { type IssuedInvitation, Invitations } from './invitations.ts';
import { type Member, type MemberChange, MemberDirectory, type NewMember } from './member-directory.ts';
import { PasswordHasher } from '../passwords/password-hasher.ts';
import { newPassword } from '../passwords/password-rules.ts';
import { SessionAuthenticator } from '../sessions/session-authenticator.ts';

/** What an administrator does to a member: the passwords made outside the transaction, the sessions told after it. */
@Injectable()
export class MemberAdministration {
  constructor(
    private readonly database: TenantDatabase,
    private readonly members: MemberDirectory,
    private readonly invitations: Invitations,
    private readonly factors: SecondFactors,
    private readonly hasher: PasswordHasher,
    private readonly authenticator: SessionAuthenticator,
    private readonly signals: Signals,
  ) {}

  /** @returns the first password too, which is stored nowhere in clear; @throws DomainError see MemberDirectory.create */
  async create(
    scope: TenantScope,
    actor: AuditActor,
    member: NewMember,
  ): Promise<{ member: Member; initialPassword: string }> {
    const initialPassword = newPassword();
    const hash = await this.hasher.hash(initialPassword);
    const created = await this.database.run(scope, (tx) => this.members.create(tx, actor, member, hash));
    return { member: created, initialPassword };
  }

  /**
   * A member who sets the first password by the invitation.
   * @param envelope to mail it in; null: its link is handed over
   * @throws DomainError see MemberDirectory.create
   */
  async invite(
    scope: TenantScope,
    actor: AuditActor,
    member: NewMember,
    envelope: Envelope | null = null,
  ): Promise<{ member: Member; invitation: IssuedInvitation }> {
    return this.database.run(scope, async (tx) => {
      const { id } = await this.members.create(tx, actor, member, null);
      const invitation = await this.invitations.issue(tx, actor, id, envelope);
      return { member: await this.members.get(tx, id), invitation };
    });
  }

  /** Takes effect on the member's next request. @throws DomainError see MemberDirectory.change */
  async change(scope: TenantScope, actor: AuditActor, id: string, change: MemberChange): Promise<Member> {
    const changed = await this.database.run(scope, (tx) => this.members.change(tx, actor, id, change));
    this.announce(scope, id);
    return changed;
  }

  /** Ends the member's sessions. @returns the new password, once; @throws DomainError REQUEST.NOT_FOUND */
  async resetPassword(scope: TenantScope, actor: AuditActor, id: string): Promise<string> {
    const password = newPassword();
    const hash = await this.hasher.hash(password);
    await this.database.run(scope, (tx) => this.members.setPassword(tx, actor, id, hash));
    this.announce(scope, id);
    return password;
  }

  /** Of a member who lost them: they enrol anew. Ends the member's sessions. @throws DomainError REQUEST.NOT_FOUND */
  async resetFactors({ tenantId, segment }: TenantScope, actor: AuditActor, id: string): Promise<void> {
    const member = await this.database.run({ tenantId, segment }, (tx) => this.members.get(tx, id));
    // Sessions are seen on their own network alone.
    const scope: TenantScope = { tenantId, segment: member.segment };
    await this.database.run(scope, (tx) => this.members.resetFactors(tx, actor, id, this.factors));
    this.announce(scope, id);
  }

  /** Signs the member out everywhere. @throws DomainError REQUEST.NOT_FOUND */
  async endSessions({ tenantId, segment }: TenantScope, actor: AuditActor, id: string): Promise<void> {
    const member = await this.database.run({ tenantId, segment }, (tx) => this.members.get(tx, id));
    const scope: TenantScope = { tenantId, segment: member.segment };
    await this.database.run(scope, (tx) => this.members.endSessions(tx, actor, id));
    this.announce(scope, id);
  }

  /** After the commit of a change: the member's next request is met as what the member is now. */
  announce({ tenantId }: TenantScope, memberId: string): void {
    this.authenticator.forget((actor) => actor.id === memberId);
    this.signals.publish({ kind: 'member.changed', tenantId, memberId });
  }
}
