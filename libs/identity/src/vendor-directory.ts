import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { OpsDatabase } from '#libs/database';
import { Clock, VENDOR_TENANT_ID, newId } from '#libs/kernel';
import { loginIdKey } from './login-id.ts';
import { PasswordHasher } from './password-hasher.ts';
import { newPassword } from './password-rules.ts';
import type { VendorRole } from './permissions.ts';

export interface NewVendorUser {
  readonly loginId: string;
  readonly displayName: string;
  readonly role: VendorRole;
}

/** The vendor's own people. Kept by the operator from the command line: no route makes one. */
@Injectable()
export class VendorDirectory {
  constructor(
    private readonly database: OpsDatabase,
    private readonly hasher: PasswordHasher,
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

  /** Adds the user, or gives an existing one of this login id a new password. @returns the password, once */
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
      await this.audit.append(tx, {
        action: 'vendor-user.password-set',
        actor: { type: 'system', id: null },
        subject: { type: 'vendor', id: user!.id },
        details: { role },
      });
    });
    return password;
  }
}
