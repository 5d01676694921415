import { Injectable } from '@nestjs/common';
import { OpsDatabase } from '#libs/database';
import { Clock } from '#libs/kernel';
import type { SessionStage, VendorActor } from '../actor.ts';
import { VENDOR_PERMISSIONS, type VendorRole } from '../permissions.ts';
import { isSecretOf, readVendorToken } from '../keys/secrets.ts';

interface VendorSessionRow {
  secret_hash: Buffer;
  expires_at: Date;
  user_id: string;
  login_id: string;
  display_name: string;
  role: VendorRole;
  stage: SessionStage;
  last_seen_at: Date | null;
}

const LAST_SEEN_PRECISION_MS = 60_000;

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
      `SELECT s.secret_hash, s.expires_at, u.id AS user_id, u.login_id, u.display_name, u.role, s.stage, s.last_seen_at
       FROM vendor_sessions s JOIN vendor_users u ON u.id = s.vendor_user_id
       WHERE s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND u.status = 'active'
         AND s.created_at >= u.password_changed_at AND (s.strong OR s.stage <> 'whole')`,
      [token.id, this.clock.now()],
    );
    if (!row || !isSecretOf(token.secret, row.secret_hash)) return null;
    await this.see(token.id, row.last_seen_at);
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

  /** "Last seen" tells one's own sessions apart: a write a minute is enough. */
  private async see(id: string, lastSeenAt: Date | null): Promise<void> {
    const now = this.clock.now();
    if (lastSeenAt && now.getTime() - lastSeenAt.getTime() < LAST_SEEN_PRECISION_MS) return;
    await this.database.query('UPDATE vendor_sessions SET last_seen_at = $2 WHERE id = $1', [id, now]);
  }
}
