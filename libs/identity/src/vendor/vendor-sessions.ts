import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { OpsDatabase, type Transaction } from '#libs/database';
import { Clock, DomainError, VENDOR_TENANT_ID, newId } from '#libs/kernel';
import type { VendorActor } from '../actor.ts';
import { knownDeviceToken } from '../passwords/known-device.ts';
import { loginIdKey } from '../members/login-id.ts';
import { SecondFactors } from '../factors/second-factors.ts';
import {
  type OpenedSession,
  SESSION_HOURS,
  type SessionProof,
  type SessionToken,
  UNFINISHED_MINUTES,
  stageAfter,
} from '../sessions/member-sessions.ts';
import { type PasswordAttempt, PasswordGate } from '../passwords/password-gate.ts';
import { hashSecret, newSecret, writeVendorToken } from '../keys/secrets.ts';

interface Account {
  readonly id: string;
  readonly passwordHash: string;
}

/** Opens and ends the sessions of the vendor's own people. Their doings stand in the vendor's chain. */
@Injectable()
export class VendorSessions {
  constructor(
    private readonly database: OpsDatabase,
    private readonly gate: PasswordGate,
    private readonly factors: SecondFactors,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError IDENTITY.SIGN_IN_FAILED, IDENTITY.THROTTLED, SYSTEM.UNAVAILABLE */
  async open({ loginId, ...attempt }: PasswordAttempt & { readonly loginId: string }): Promise<OpenedSession> {
    const key = loginIdKey(loginId);
    const verdict = await this.gate.check<Account>(
      {
        tenantId: VENDOR_TENANT_ID,
        account: `vendor/${key}`,
        run: (work) => this.asVendor(work),
        find: async (tx) => {
          const [account] = await tx.query<Account>(
            `SELECT id, password_hash AS "passwordHash" FROM vendor_users WHERE login_id_key = $1 AND status = 'active'`,
            [key],
          );
          return account ?? null;
        },
      },
      attempt,
    );
    if (!verdict.passed) {
      await this.recordRefusal(verdict.account);
      throw new DomainError('IDENTITY.SIGN_IN_FAILED');
    }
    return this.asVendor(async (tx) => {
      const session = await this.insert(tx, verdict.account.id, 'password');
      return { ...session, device: knownDeviceToken(verdict.account.passwordHash, verdict.deviceId) };
    });
  }

  /** Further requests with this session are refused. */
  async end({ id, sessionId }: VendorActor): Promise<void> {
    await this.asVendor(async (tx) => {
      await tx.query('UPDATE vendor_sessions SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL', [
        sessionId,
        this.clock.now(),
      ]);
      await this.audit.append(tx, {
        action: 'session.ended',
        actor: { type: 'vendor', id },
        subject: { type: 'session', id: sessionId },
      });
    });
  }

  /** The whole session that follows an unfinished one, which ends: the browser gets a new id. */
  async finish(tx: Transaction, { id: userId, sessionId }: VendorActor): Promise<SessionToken> {
    const [ended] = await tx.query(
      'UPDATE vendor_sessions SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING id',
      [sessionId, this.clock.now()],
    );
    if (!ended) throw new DomainError('IDENTITY.UNAUTHENTICATED');
    const session = await this.insert(tx, userId, 'strong');
    await this.audit.append(tx, {
      action: 'session.opened',
      actor: { type: 'vendor', id: userId },
      subject: { type: 'session', id: session.id },
    });
    return session;
  }

  /** Of the vendor's people everybody needs a second factor, whatever a city's policy says. */
  private async insert(tx: Transaction, userId: string, proof: SessionProof): Promise<SessionToken> {
    const methods = proof === 'strong' ? [] : await this.factors.kinds(tx, { plane: 'vendor', id: userId });
    const stage = stageAfter(proof, methods, true);
    const now = this.clock.now();
    const lifeMs = stage === 'whole' ? SESSION_HOURS * 3_600_000 : UNFINISHED_MINUTES * 60_000;
    const expiresAt = new Date(now.getTime() + lifeMs);
    const [id, secret] = [newId(), newSecret()];
    await tx.query('DELETE FROM vendor_sessions WHERE vendor_user_id = $1 AND expires_at <= $2', [userId, now]);
    await tx.query(
      `INSERT INTO vendor_sessions (id, vendor_user_id, secret_hash, created_at, expires_at, stage, strong, proven_at,
         last_seen_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $4, $4)`,
      [id, userId, hashSecret(secret), now, expiresAt, stage, proof === 'strong'],
    );
    if (stage === 'whole') await tx.query('UPDATE vendor_users SET last_sign_in_at = $2 WHERE id = $1', [userId, now]);
    return { id, token: writeVendorToken({ id, secret }), expiresAt, stage, methods };
  }

  private async recordRefusal(account: Account | null): Promise<void> {
    await this.asVendor((tx) =>
      this.audit.append(tx, {
        action: 'session.refused',
        actor: { type: 'anonymous', id: null },
        outcome: 'refused',
        ...(account && { subject: { type: 'vendor', id: account.id } }),
      }),
    );
  }

  private asVendor<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    return this.database.run(async (tx) => {
      await tx.actOn(VENDOR_TENANT_ID);
      return work(tx);
    });
  }
}
