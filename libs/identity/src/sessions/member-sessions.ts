import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { TenantDatabase, type TenantScope, type TenantTransaction } from '#libs/database';
import { Clock, DomainError, VENDOR_TENANT_ID, newId } from '#libs/kernel';
import { Signals } from '#libs/queue';
import { SegmentPolicies } from '#libs/tenancy';
import type { MemberActor, SessionStage } from '../actor.ts';
import { type FactorKind, SecondFactors } from '../factors/second-factors.ts';
import { knownDeviceToken } from '../passwords/known-device.ts';
import { loginIdKey } from '../members/login-id.ts';
import { type PasswordAttempt, PasswordGate } from '../passwords/password-gate.ts';
import { RIGHTS_END_AT } from '../members/rights-end.ts';
import { hashSecret, newSecret, writeSessionToken } from '../keys/secrets.ts';
import { type Entrance, SegmentDoor } from './segment-door.ts';
import { SessionAuthenticator } from './session-authenticator.ts';

/** Absolute: work in between does not lengthen it. A working day fits. */
export const SESSION_HOURS = 12;
/** To find the phone and type a code, or to enrol one. */
export const UNFINISHED_MINUTES = 15;

/** What has been proven of who opens a session: a password alone, or more. */
export type SessionProof = 'password' | 'strong';

export interface MemberSignIn extends PasswordAttempt {
  readonly cityCode: string;
  readonly loginId: string;
  readonly entrance: Entrance;
}

/** What the browser is given. */
export interface SessionToken {
  readonly id: string;
  readonly token: string;
  readonly expiresAt: Date;
  readonly stage: SessionStage;
  /** What the second factor may be, where one is asked for. */
  readonly methods: readonly FactorKind[];
}

/** After a password: the device is known from here on. */
export interface OpenedSession extends SessionToken {
  readonly device: string;
}

interface Account {
  readonly id: string;
  readonly passwordHash: string;
}

/** Opens and ends the sessions of a city's members. */
@Injectable()
export class MemberSessions {
  constructor(
    private readonly database: TenantDatabase,
    private readonly gate: PasswordGate,
    private readonly authenticator: SessionAuthenticator,
    private readonly door: SegmentDoor,
    private readonly policies: SegmentPolicies,
    private readonly factors: SecondFactors,
    private readonly audit: AuditTrail,
    private readonly signals: Signals,
    private readonly clock: Clock,
  ) {}

  /**
   * A new session under a new id. City, login id, password and network must all fit; which of them did not, nobody learns.
   * @throws DomainError IDENTITY.SIGN_IN_FAILED, IDENTITY.THROTTLED, TENANCY.SEGMENT_CLOSED, TENANCY.ADDRESS_REFUSED, SYSTEM.UNAVAILABLE
   */
  async open(signIn: MemberSignIn): Promise<OpenedSession> {
    const { cityCode, entrance } = signIn;
    const { segment } = entrance;
    const tenantId = (await this.database.tenantIdByCode(cityCode)) ?? VENDOR_TENANT_ID;
    const scope: TenantScope = { tenantId, segment };
    await this.door.enter(scope, entrance.address);
    const key = loginIdKey(signIn.loginId);
    const verdict = await this.gate.check<Account>(
      {
        tenantId,
        account: `${cityCode}/${segment}/${key}`,
        run: (work) => this.database.run(scope, work),
        find: async (tx) => {
          const [account] = await tx.query<Account>(
            `SELECT m.id, m.password_hash AS "passwordHash" FROM members m
             WHERE m.tenant_id = $1 AND m.login_id_key = $2 AND m.segment = $3 AND m.status = 'active'
               AND m.password_hash IS NOT NULL AND (m.expires_on IS NULL OR ${RIGHTS_END_AT} > $4)`,
            [tenantId, key, segment, this.clock.now()],
          );
          return account ?? null;
        },
      },
      signIn,
    );
    if (!verdict.passed) {
      if (tenantId !== VENDOR_TENANT_ID) await this.recordRefusal(scope, verdict.account);
      throw new DomainError('IDENTITY.SIGN_IN_FAILED');
    }
    return this.database.run(scope, async (tx) => {
      const { id: memberId, passwordHash } = verdict.account;
      const session = await this.insert(tx, memberId);
      if (session.stage === 'whole') await this.recordOpened(tx, memberId, session.id);
      return { ...session, device: knownDeviceToken(passwordHash, verdict.deviceId) };
    });
  }

  /**
   * A session for a member who has just proven who they are. With no more than a password it is whole only where nothing
   * more is asked for: the member has no second factor and the network's policy demands none. The caller records why.
   * @throws DomainError TENANCY.SEGMENT_CLOSED
   */
  async insert(tx: TenantTransaction, memberId: string, proof: SessionProof = 'password'): Promise<SessionToken> {
    const { tenantId, segment } = tx.scope;
    const { open, mfa } = await this.policies.current(tx);
    if (!open) throw new DomainError('TENANCY.SEGMENT_CLOSED');
    const methods = proof === 'strong' ? [] : await this.factors.kinds(tx, { plane: 'member', id: memberId });
    const stage = stageAfter(proof, methods, mfa === 'required');
    const now = this.clock.now();
    const lifeMs = stage === 'whole' ? SESSION_HOURS * 3_600_000 : UNFINISHED_MINUTES * 60_000;
    const expiresAt = new Date(now.getTime() + lifeMs);
    const [id, secret] = [newId(), newSecret()];
    await tx.query('DELETE FROM sessions WHERE tenant_id = $1 AND member_id = $2 AND expires_at <= $3', [
      tenantId,
      memberId,
      now,
    ]);
    await tx.query(
      `INSERT INTO sessions (tenant_id, id, segment, member_id, secret_hash, created_at, expires_at, stage, strong,
         proven_at, last_seen_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $6, $6)`,
      [tenantId, id, segment, memberId, hashSecret(secret), now, expiresAt, stage, proof === 'strong'],
    );
    if (stage !== 'whole') return { id, token: writeSessionToken({ tenantId, id, secret }), expiresAt, stage, methods };
    await tx.query('UPDATE members SET last_sign_in_at = $3 WHERE tenant_id = $1 AND id = $2', [
      tenantId,
      memberId,
      now,
    ]);
    return { id, token: writeSessionToken({ tenantId, id, secret }), expiresAt, stage, methods };
  }

  /** The whole session that follows an unfinished one, which ends: the browser gets a new id. */
  async finish(tx: TenantTransaction, { id: memberId, sessionId }: MemberActor): Promise<SessionToken> {
    const [ended] = await tx.query(
      'UPDATE sessions SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING id',
      [sessionId, this.clock.now()],
    );
    if (!ended) throw new DomainError('IDENTITY.UNAUTHENTICATED');
    const session = await this.insert(tx, memberId, 'strong');
    await this.recordOpened(tx, memberId, session.id);
    return session;
  }

  /** Ends the session everywhere: further requests are refused and its open streams close. */
  async end({ scope, id, sessionId }: MemberActor): Promise<void> {
    await this.database.run(scope, async (tx) => {
      await tx.query('UPDATE sessions SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL', [
        scope.tenantId,
        sessionId,
        this.clock.now(),
      ]);
      await this.audit.append(tx, {
        action: 'session.ended',
        actor: { type: 'member', id },
        segment: scope.segment,
        subject: { type: 'session', id: sessionId },
      });
    });
    this.authenticator.forget((actor) => actor.sessionId === sessionId);
    this.signals.publish({ kind: 'session.ended', ...scope, sessionId });
  }

  private recordOpened(tx: TenantTransaction, memberId: string, sessionId: string): Promise<void> {
    return this.audit.append(tx, {
      action: 'session.opened',
      actor: { type: 'member', id: memberId },
      segment: tx.scope.segment,
      subject: { type: 'session', id: sessionId },
    });
  }

  /** The typed login id is not recorded: people type passwords there. */
  private async recordRefusal(scope: TenantScope, account: Account | null): Promise<void> {
    await this.database.run(scope, (tx) =>
      this.audit.append(tx, {
        action: 'session.refused',
        actor: { type: 'anonymous', id: null },
        segment: scope.segment,
        outcome: 'refused',
        ...(account && { subject: { type: 'member', id: account.id } }),
      }),
    );
  }
}

/** A second factor that is there is always asked for; where one is demanded and none is there, it is enrolled first. */
export const stageAfter = (proof: SessionProof, methods: readonly FactorKind[], isDemanded: boolean): SessionStage => {
  if (proof === 'strong') return 'whole';
  if (methods.length > 0) return 'second_factor';
  return isDemanded ? 'enrolment' : 'whole';
};
