import { Injectable } from '@nestjs/common';
import { TenantDatabase } from '#libs/database';
import { DomainError } from '#libs/kernel';
import { Signals } from '#libs/queue';
import type { MemberActor } from '../actor.ts';
import { knownDeviceToken } from './known-device.ts';
import { MemberDirectory } from '../members/member-directory.ts';
import { MemberSessions, type OpenedSession } from '../sessions/member-sessions.ts';
import { OwnPassword } from './own-password.ts';
import { PasswordHasher } from './password-hasher.ts';
import { assertPasswordAllowed } from './password-rules.ts';
import { SessionAuthenticator } from '../sessions/session-authenticator.ts';

export interface PasswordChange {
  readonly currentPassword: string;
  readonly newPassword: string;
}

/** Lets a member replace their own password. */
@Injectable()
export class MemberPasswords {
  constructor(
    private readonly database: TenantDatabase,
    private readonly own: OwnPassword,
    private readonly hasher: PasswordHasher,
    private readonly members: MemberDirectory,
    private readonly sessions: MemberSessions,
    private readonly authenticator: SessionAuthenticator,
    private readonly signals: Signals,
  ) {}

  /**
   * Ends every session of the member, the present one too, and opens a new one for who asked.
   * @throws DomainError IDENTITY.PASSWORD_REFUSED, IDENTITY.SIGN_IN_FAILED (the current password), IDENTITY.THROTTLED
   */
  async change(actor: MemberActor, { currentPassword, newPassword }: PasswordChange): Promise<OpenedSession> {
    const { scope, id, city } = actor;
    assertPasswordAllowed(newPassword, [actor.loginId, actor.displayName, city.name, city.code]);
    if (!(await this.own.isRight(actor, currentPassword))) throw new DomainError('IDENTITY.SIGN_IN_FAILED');
    const hash = await this.hasher.hash(newPassword);
    const opened = await this.database.run(scope, async (tx) => {
      // In this order: a session older than its password is dead.
      await this.members.setPassword(tx, { type: 'member', id }, id, hash);
      const session = await this.sessions.insert(tx, id, actor.strong ? 'strong' : 'password');
      return { ...session, device: knownDeviceToken(hash) };
    });
    this.authenticator.forget((known) => known.id === id);
    this.signals.publish({ kind: 'member.changed', tenantId: scope.tenantId, memberId: id });
    this.signals.publish({ kind: 'session.ended', ...scope, sessionId: actor.sessionId });
    return opened;
  }
}
