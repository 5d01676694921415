import { Injectable } from '@nestjs/common';
import type { Transaction } from '#libs/database';
import { Clock, type Segment, type TenantId, newId } from '#libs/kernel';
import { loginIdKey } from './login-id.ts';
import { PasswordHasher } from '../passwords/password-hasher.ts';
import { newPassword } from '../passwords/password-rules.ts';

interface NewAdmin {
  readonly loginId: string;
  readonly displayName: string;
  readonly segment: Segment;
  readonly mailAddress?: string | null;
}

/** The administrator a city begins with, made by the vendor, who can insert members and read none. */
@Injectable()
export class FirstAdmin {
  constructor(
    private readonly hasher: PasswordHasher,
    private readonly clock: Clock,
  ) {}

  /** The password in clear, for the one time it is handed over, and as it is stored. Call before the transaction. */
  async makePassword(): Promise<{ readonly password: string; readonly hash: string }> {
    const password = newPassword();
    return { password, hash: await this.hasher.hash(password) };
  }

  /** The administrator of the city the transaction acts on, as long as none has come. @param tx of the ops role */
  async findAwaited(tx: Transaction): Promise<string | null> {
    const admins = await tx.query<{ id: string; came: boolean }>(
      `SELECT id, last_sign_in_at IS NOT NULL AS came FROM members
       WHERE tenant_id = app_tenant_id() AND role = 'admin' AND status = 'active' ORDER BY id`,
    );
    return admins.some(({ came }) => came) ? null : (admins[0]?.id ?? null);
  }

  /** @param tx of the ops role; @param passwordHash null for one who is invited; @returns the member's id */
  async create(
    tx: Transaction,
    tenantId: TenantId,
    { loginId, displayName, segment, mailAddress = null }: NewAdmin,
    passwordHash: string | null,
  ): Promise<string> {
    const id = newId();
    await tx.query(
      `INSERT INTO members (tenant_id, id, login_id, login_id_key, display_name, role, segment,
         password_hash, mail_address, password_changed_at, created_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, 'admin', $6, $7, $8, $9, $9, $9)`,
      [tenantId, id, loginId, loginIdKey(loginId), displayName, segment, passwordHash, mailAddress, this.clock.now()],
    );
    return id;
  }
}
