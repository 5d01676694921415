import { Injectable } from '@nestjs/common';
import type { TenantTransaction } from '#libs/database';
import { hashSecret, isSecretOf, newSecret, readSessionToken, writeSessionToken } from '#libs/identity';
import { Clock, DomainError, newId } from '#libs/kernel';
import type { PendingSignIn } from './provider.ts';

/** A person at the identity provider's sign-in page has this long. */
const REQUEST_MINUTES = 10;

/** A sign-in that has just begun; the token goes into a cookie of the browser. */
export interface BegunSignIn extends PendingSignIn {
  readonly token: string;
  readonly expiresAt: Date;
}

/** The sign-in an answer belongs to, used up by that answer whatever it says. */
export interface UsedSignIn extends PendingSignIn {
  /** Who tries the provider out; null for a sign-in that is meant. */
  readonly testerId: string | null;
}

/** Which tenant's rows a cookie leads to. Null for anything that no such cookie looks like. */
export const readRequestToken = readSessionToken;
type RequestToken = NonNullable<ReturnType<typeof readRequestToken>>;

interface Row {
  readonly secretHash: Buffer;
  readonly testerId: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** The sign-ins on their way to an identity provider and back: one browser, one answer, ten minutes. */
@Injectable()
export class SsoRequests {
  constructor(private readonly clock: Clock) {}

  async begin(tx: TenantTransaction, providerId: string, testerId: string | null): Promise<BegunSignIn> {
    const { tenantId, segment } = tx.scope;
    const [requestId, secret, startedAt] = [newId(), newSecret(), this.clock.now()];
    const expiresAt = new Date(startedAt.getTime() + REQUEST_MINUTES * 60_000);
    await this.forgetOld(tx);
    await tx.query(
      `INSERT INTO sso_requests (tenant_id, id, segment, provider_id, secret_hash, tester_id, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [tenantId, requestId, segment, providerId, hashSecret(secret), testerId, startedAt, expiresAt],
    );
    return { requestId, secret, startedAt, expiresAt, token: writeSessionToken({ tenantId, id: requestId, secret }) };
  }

  /**
   * Takes the sign-in for the answer that has come: of many at once one gets it.
   * @throws DomainError SSO.NOT_STARTED_HERE when this browser began none at this provider, or it was answered, or is too old
   */
  async use(tx: TenantTransaction, providerId: string, { id, secret }: RequestToken): Promise<UsedSignIn> {
    const now = this.clock.now();
    const [row] = await tx.query<Row>(
      `UPDATE sso_requests SET used_at = $4
       WHERE tenant_id = $1 AND id = $2 AND provider_id = $3 AND secret_hash = $5 AND used_at IS NULL
       RETURNING secret_hash AS "secretHash", tester_id AS "testerId", created_at AS "createdAt", expires_at AS "expiresAt"`,
      [tx.scope.tenantId, id, providerId, now, hashSecret(secret)],
    );
    if (!row || !isSecretOf(secret, row.secretHash)) throw new DomainError('SSO.NOT_STARTED_HERE');
    if (row.expiresAt <= now) throw new DomainError('SSO.REQUEST_EXPIRED');
    return { requestId: id, secret, startedAt: row.createdAt, testerId: row.testerId };
  }

  /** Anybody on the network may begin: each takes more old ones along than it adds. */
  private async forgetOld(tx: TenantTransaction): Promise<void> {
    await tx.query(
      `DELETE FROM sso_requests WHERE (tenant_id, id) IN (
         SELECT tenant_id, id FROM sso_requests WHERE tenant_id = $1 AND expires_at < $2
         ORDER BY expires_at LIMIT 10 FOR UPDATE SKIP LOCKED)`,
      [tx.scope.tenantId, this.clock.now()],
    );
  }
}
