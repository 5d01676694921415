import { Injectable } from '@nestjs/common';
import type { Transaction } from '#libs/database';
import { Clock, type Segment, type TenantId, newId } from '#libs/kernel';
import { loginIdKey } from './login-id.ts';
import { PasswordHasher } from './password-hasher.ts';
import { newPassword } from './password-rules.ts';

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

  /** @param tx of the ops role; @returns the member's id */
  async create(
    tx: Transaction,
    tenantId: TenantId,
    { loginId, displayName, segment }: { loginId: string; displayName: string; segment: Segment },
    passwordHash: string,
  ): Promise<string> {
    const id = newId();
    await tx.query(
      `INSERT INTO members (tenant_id, id, login_id, login_id_key, display_name, role, segment,
         password_hash, password_changed_at, created_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, 'admin', $6, $7, $8, $8, $8)`,
      [tenantId, id, loginId, loginIdKey(loginId), displayName, segment, passwordHash, this.clock.now()],
    );
    return id;
  }
}
