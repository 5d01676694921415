import { Injectable } from '@nestjs/common';
import { TenantDatabase, type TenantScope } from '#libs/database';
import { Clock, DomainError } from '#libs/kernel';
import { Signals } from '#libs/queue';
import { type CityStatus, SEGMENT_POLICY, type SegmentPolicy, TRIAL_ENDS_ON } from '#libs/tenancy';
import { ActorCache } from '../sessions/actor-cache.ts';
import type { ApiKeyActor } from '../actor.ts';
import { type ApiKeyScope, SCOPE_PERMISSIONS } from '../permissions.ts';
import { type Entrance, SegmentDoor } from '../sessions/segment-door.ts';
import { type TenantToken, isSecretOf, readApiKey } from './secrets.ts';

interface KeyRow {
  secret_hash: Buffer;
  name: string;
  scopes: ApiKeyScope[];
  last_used_at: Date | null;
  city_status: CityStatus;
  trial_ends_on: string | null;
  policy: SegmentPolicy;
}

const FIND_KEY = `
  SELECT k.secret_hash, k.name, k.scopes, k.last_used_at, t.status AS city_status,
    ${TRIAL_ENDS_ON} AS trial_ends_on, ${SEGMENT_POLICY} AS policy
  FROM api_keys k JOIN tenants t ON t.id = k.tenant_id
  JOIN segment_policies p ON p.tenant_id = k.tenant_id AND p.segment = k.segment
  WHERE k.tenant_id = $1 AND k.id = $2 AND k.revoked_at IS NULL
    AND (k.expires_at IS NULL OR k.expires_at > $3)`;

/** "Last used" answers "is this key still needed", not "when exactly": one write a minute is enough. */
const LAST_USED_PRECISION_MS = 60_000;

/** Tells which of a city's systems an API key belongs to. */
@Injectable()
export class ApiKeyAuthenticator {
  private readonly cache = new ActorCache<ApiKeyActor>();

  constructor(
    private readonly database: TenantDatabase,
    private readonly door: SegmentDoor,
    private readonly clock: Clock,
    signals: Signals,
  ) {
    signals.subscribe((signal) => {
      if (signal.kind === 'api-key.revoked') this.forget(({ id }) => id === signal.apiKeyId);
      if (signal.kind === 'city.changed') this.forget(({ scope }) => scope.tenantId === signal.tenantId);
    });
  }

  /**
   * @param entrance the network the request came in through: a key of another network is not there
   * @returns null when no living key has this text
   * @throws DomainError TENANCY.SUSPENDED, TENANCY.FROZEN, TENANCY.SEGMENT_CLOSED, TENANCY.ADDRESS_REFUSED
   */
  async authenticate(text: string, { segment, address }: Entrance): Promise<ApiKeyActor | null> {
    const token = readApiKey(text);
    if (!token) return null;
    const actor = await this.cache.get(`${segment} ${text}`, () => this.load(token, segment));
    if (actor) await this.door.pass(actor, address);
    return actor;
  }

  /** Takes effect at once in this process; signals and the cache's lifetime see to the others. */
  forget(isAffected: (actor: ApiKeyActor) => boolean): void {
    this.cache.drop(isAffected);
  }

  /** As SessionAuthenticator.unchanged, for systems that have been reading for a while. */
  async unchanged(scope: TenantScope, actors: readonly ApiKeyActor[]): Promise<Set<ApiKeyActor>> {
    const rows = await this.database.run(scope, (tx) =>
      tx.query<{ id: string }>(
        `SELECT k.id FROM api_keys k JOIN tenants t ON t.id = k.tenant_id
         JOIN segment_policies p ON p.tenant_id = k.tenant_id AND p.segment = k.segment
         WHERE k.tenant_id = $1 AND k.id = ANY ($2) AND k.revoked_at IS NULL AND t.status = 'active' AND p.open
           AND (k.expires_at IS NULL OR k.expires_at > $3)`,
        [scope.tenantId, actors.map(({ id }) => id), this.clock.now()],
      ),
    );
    const living = new Set(rows.map(({ id }) => id));
    return new Set(actors.filter(({ id }) => living.has(id)));
  }

  private load(token: TenantToken, segment: TenantScope['segment']): Promise<ApiKeyActor | null> {
    const scope: TenantScope = { tenantId: token.tenantId, segment };
    return this.database.run(scope, async (tx) => {
      const [row] = await tx.query<KeyRow>(FIND_KEY, [token.tenantId, token.id, this.clock.now()]);
      if (!row || !isSecretOf(token.secret, row.secret_hash)) return null;
      if (row.city_status === 'deleted') return null;
      if (row.city_status === 'suspended') throw new DomainError('TENANCY.SUSPENDED');
      if (row.city_status === 'frozen') throw new DomainError('TENANCY.FROZEN');
      const now = this.clock.now();
      if (!row.last_used_at || now.getTime() - row.last_used_at.getTime() >= LAST_USED_PRECISION_MS)
        await tx.query('UPDATE api_keys SET last_used_at = $3 WHERE tenant_id = $1 AND id = $2', [
          token.tenantId,
          token.id,
          now,
        ]);
      return {
        type: 'api_key',
        id: token.id,
        scope,
        policy: row.policy,
        trialEndsOn: row.trial_ends_on,
        name: row.name,
        scopes: row.scopes,
        permissions: new Set(row.scopes.flatMap((name) => SCOPE_PERMISSIONS[name])),
      };
    });
  }
}
