import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { OpsDatabase, type Transaction } from '#libs/database';
import { Clock, DomainError, VENDOR_TENANT_ID, newId } from '#libs/kernel';
import type { VendorActor } from '../actor.ts';
import { FactorHolders } from '../factors/factor-holder.ts';
import { SecondFactors } from '../factors/second-factors.ts';
import { loginIdKey } from '../members/login-id.ts';
import { PasswordHasher } from '../passwords/password-hasher.ts';
import { newPassword } from '../passwords/password-rules.ts';
import type { VendorRole } from '../permissions.ts';

export interface NewVendorUser {
  readonly loginId: string;
  readonly displayName: string;
  readonly role: VendorRole;
}

/** A person of the vendor as colleagues see them. */
export interface VendorUser {
  readonly id: string;
  readonly loginId: string;
  readonly displayName: string;
  readonly role: VendorRole;
  readonly hasFactor: boolean;
  readonly lastSignInAt: Date | null;
}

const SELECT = `
  SELECT u.id, u.login_id AS "loginId", u.display_name AS "displayName", u.role, u.last_sign_in_at AS "lastSignInAt",
    EXISTS (SELECT FROM vendor_factors f WHERE f.holder_id = u.id AND f.confirmed_at IS NOT NULL) AS "hasFactor"
  FROM vendor_users u WHERE u.status = 'active'`;

/** The vendor's own people. Kept by the operator from the command line: no route makes one. */
@Injectable()
export class VendorDirectory {
  constructor(
    private readonly database: OpsDatabase,
    private readonly hasher: PasswordHasher,
    private readonly factors: SecondFactors,
    private readonly holders: FactorHolders,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** Null when nobody of the vendor has this login id. */
  async idByLoginId(loginId: string): Promise<string | null> {
    const [user] = await this.database.query<{ id: string }>('SELECT id FROM vendor_users WHERE login_id_key = $1', [
      loginIdKey(loginId),
    ]);
    return user?.id ?? null;
  }

  /** For demonstrations: a user who has enrolled an authenticator. @returns its secret too (base32), once */
  async ensureEnrolled(user: NewVendorUser): Promise<{ password: string; totpSecret: string }> {
    const password = await this.ensure(user);
    const holder = this.holders.vendor((await this.idByLoginId(user.loginId))!);
    return { password, totpSecret: await this.factors.enrolConfirmed(holder, user.displayName) };
  }

  /** Everybody, in order of login id. */
  list(): Promise<VendorUser[]> {
    return this.database.query(`${SELECT} ORDER BY u.login_id_key LIMIT 500`);
  }

  /** @throws DomainError REQUEST.NOT_FOUND */
  async get(id: string): Promise<VendorUser> {
    const [user] = await this.database.query<VendorUser>(`${SELECT} AND u.id = $1`, [id]);
    if (!user) throw new DomainError('REQUEST.NOT_FOUND');
    return user;
  }

  /**
   * Takes the second factors of a colleague who lost them away and ends their sessions; they enrol anew.
   * @throws DomainError REQUEST.NOT_FOUND, IDENTITY.OWN_FACTORS: a stolen session must not rid itself of them
   */
  async resetFactors(actor: VendorActor, id: string): Promise<void> {
    if (id === actor.id) throw new DomainError('IDENTITY.OWN_FACTORS');
    await this.signOut(actor, id, 'vendor-user.factors-reset', (tx) => this.factors.reset(tx, { plane: 'vendor', id }));
  }

  /** Signs a colleague out everywhere; what is being read ends with it. @throws DomainError REQUEST.NOT_FOUND */
  async endSessions(actor: VendorActor, id: string): Promise<void> {
    await this.signOut(actor, id, 'vendor-user.signed-out');
  }

  /**
   * Adds the user, or gives an existing one of this login id a new password; the second factors go with the old one, as
   * this is what helps somebody who lost both. @returns the password, once
   */
  async ensure({ loginId, displayName, role }: NewVendorUser): Promise<string> {
    const password = newPassword();
    const hash = await this.hasher.hash(password);
    await this.database.run(async (tx) => {
      const [user] = await tx.query<{ id: string }>(
        `INSERT INTO vendor_users AS u (id, login_id, login_id_key, display_name, role, password_hash,
           password_changed_at, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $7)
         ON CONFLICT (login_id_key) DO UPDATE SET password_hash = EXCLUDED.password_hash,
           password_changed_at = EXCLUDED.password_changed_at, updated_at = EXCLUDED.updated_at
         RETURNING u.id`,
        [newId(), loginId, loginIdKey(loginId), displayName, role, hash, this.clock.now()],
      );
      await tx.actOn(VENDOR_TENANT_ID);
      await this.factors.reset(tx, { plane: 'vendor', id: user!.id });
      await this.audit.append(tx, {
        action: 'vendor-user.password-set',
        actor: { type: 'system', id: null },
        subject: { type: 'vendor', id: user!.id },
        details: { role },
      });
    });
    return password;
  }

  private async signOut(
    { id: actorId }: VendorActor,
    id: string,
    action: string,
    also: (tx: Transaction) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    await this.database.run(async (tx) => {
      const [user] = await tx.query(`SELECT id FROM vendor_users WHERE id = $1 AND status = 'active'`, [id]);
      if (!user) throw new DomainError('REQUEST.NOT_FOUND');
      await tx.actOn(VENDOR_TENANT_ID);
      await also(tx);
      await tx.query('UPDATE vendor_sessions SET revoked_at = $2 WHERE vendor_user_id = $1 AND revoked_at IS NULL', [
        id,
        this.clock.now(),
      ]);
      await this.audit.append(tx, {
        action,
        actor: { type: 'vendor', id: actorId },
        subject: { type: 'vendor', id },
      });
    });
  }
}
