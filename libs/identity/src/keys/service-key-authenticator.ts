import { Injectable } from '@nestjs/common';
import { OpsDatabase } from '#libs/database';
import { Clock } from '#libs/kernel';
import type { ServiceKeyActor } from '../actor.ts';
import { SERVICE_SCOPE_PERMISSIONS, type ServiceKeyScope } from '../permissions.ts';
import { isSecretOf, readServiceKey } from './secrets.ts';

interface KeyRow {
  secret_hash: Buffer;
  name: string;
  scopes: ServiceKeyScope[];
  expires_at: Date;
  last_used_at: Date | null;
}

/** "Last used" answers "is this key still needed", not "when exactly": one write a minute is enough. */
const LAST_USED_PRECISION_MS = 60_000;

/** Tells which of the vendor's systems a key belongs to. Nothing is remembered: a revoked key is dead at once, everywhere. */
@Injectable()
export class ServiceKeyAuthenticator {
  constructor(
    private readonly database: OpsDatabase,
    private readonly clock: Clock,
  ) {}

  /** @returns null when no living key has this text */
  async authenticate(text: string): Promise<ServiceKeyActor | null> {
    const token = readServiceKey(text);
    if (!token) return null;
    const now = this.clock.now();
    const [row] = await this.database.query<KeyRow>(
      `SELECT secret_hash, name, scopes, expires_at, last_used_at FROM vendor_service_keys
       WHERE id = $1 AND revoked_at IS NULL AND expires_at > $2`,
      [token.id, now],
    );
    if (!row || !isSecretOf(token.secret, row.secret_hash)) return null;
    if (!row.last_used_at || now.getTime() - row.last_used_at.getTime() >= LAST_USED_PRECISION_MS)
      await this.database.query('UPDATE vendor_service_keys SET last_used_at = $2 WHERE id = $1', [token.id, now]);
    return {
      type: 'service_key',
      id: token.id,
      name: row.name,
      scopes: row.scopes,
      permissions: new Set(row.scopes.flatMap((scope) => SERVICE_SCOPE_PERMISSIONS[scope])),
      expiresAt: row.expires_at,
    };
  }
}
