import { Injectable } from '@nestjs/common';
import { OpsDatabase } from '#libs/database';
import { Clock } from '#libs/kernel';
import type { SessionStage, VendorActor } from './actor.ts';
import { VENDOR_PERMISSIONS, type VendorRole } from './permissions.ts';
import { isSecretOf, readVendorToken } from './secrets.ts';

interface VendorSessionRow {
  secret_hash: Buffer;
  expires_at: Date;
  user_id: string;
  login_id: string;
  display_name: string;
  role: VendorRole;
  stage: SessionStage;
}

/** Tells which of the vendor's people a cookie belongs to. Few people, few requests: nothing is remembered. */
@Injectable()
export class VendorAuthenticator {
  constructor(
    private readonly database: OpsDatabase,
    private readonly clock: Clock,
  ) {}

  /** @returns null when the token belongs to no living session */
  async authenticate(cookie: string): Promise<VendorActor | null> {
    const token = readVendorToken(cookie);
    if (!token) return null;
    const [row] = await this.database.query<VendorSessionRow>(
      `SELECT s.secret_hash, s.expires_at, u.id AS user_id, u.login_id, u.display_name, u.role, s.stage
       FROM vendor_sessions s JOIN vendor_users u ON u.id = s.vendor_user_id
       WHERE s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND u.status = 'active'
         AND s.created_at >= u.password_changed_at AND (s.strong OR s.stage <> 'whole')`,
      [token.id, this.clock.now()],
    );
    if (!row || !isSecretOf(token.secret, row.secret_hash)) return null;
    return {
      type: 'vendor',
      id: row.user_id,
      sessionId: token.id,
      stage: row.stage,
      loginId: row.login_id,
      displayName: row.display_name,
      role: row.role,
      permissions: new Set(VENDOR_PERMISSIONS[row.role]),
      expiresAt: row.expires_at,
    };
  }
}
