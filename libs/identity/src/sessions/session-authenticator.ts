import { Injectable } from '@nestjs/common';
import { TenantDatabase, type TenantScope, type TenantTransaction } from '#libs/database';
import { Clock, DomainError } from '#libs/kernel';
import { Signals } from '#libs/queue';
import { type CityStatus, SEGMENT_POLICY, type SegmentPolicy, TRIAL_ENDS_ON } from '#libs/tenancy';
import { ActorCache } from './actor-cache.ts';
import type { MemberActor, SessionStage } from '../actor.ts';
import type { MemberRole } from '../permissions.ts';
import { permissionsIn } from '../permissions-in.ts';
import { RIGHTS_END_AT } from '../members/rights-end.ts';
import { type Entrance, SegmentDoor } from './segment-door.ts';
import { type TenantToken, isSecretOf, readSessionToken } from '../keys/secrets.ts';

interface SessionRow {
  secret_hash: Buffer;
  expires_at: Date;
  member_id: string;
  login_id: string;
  display_name: string;
  role: MemberRole;
  department_id: string | null;
  department_code: string | null;
  department_name: string | null;
  city_code: string;
  city_name: string;
  city_status: CityStatus;
  trial_ends_on: string | null;
  policy: SegmentPolicy;
  session_id: string;
  stage: SessionStage;
  strong: boolean;
  last_seen_at: Date | null;
}

// Ends with the rights: who is known in memory at midnight is refused at midnight too.
const FIND_SESSION = `
  SELECT s.id AS session_id, s.last_seen_at, s.secret_hash, least(s.expires_at, ${RIGHTS_END_AT}) AS expires_at, m.id AS member_id, m.login_id, m.display_name, m.role,
         d.id AS department_id, d.code AS department_code, d.name AS department_name,
         t.code AS city_code, t.name AS city_name, t.status AS city_status,
         ${TRIAL_ENDS_ON} AS trial_ends_on, ${SEGMENT_POLICY} AS policy, s.stage, s.strong
  FROM sessions s
  JOIN members m ON m.tenant_id = s.tenant_id AND m.id = s.member_id
  JOIN tenants t ON t.id = s.tenant_id
  JOIN segment_policies p ON p.tenant_id = s.tenant_id AND p.segment = s.segment
  LEFT JOIN departments d ON d.tenant_id = m.tenant_id AND d.id = m.department_id
  WHERE s.tenant_id = $1 AND s.id = ANY ($2) AND s.revoked_at IS NULL AND m.status = 'active'
    AND m.segment = s.segment AND s.created_at >= m.password_changed_at
    AND (m.expires_on IS NULL OR ${RIGHTS_END_AT} > $3)`;

const LAST_SEEN_PRECISION_MS = 60_000;

/** Tells whose session a cookie belongs to. */
@Injectable()
export class SessionAuthenticator {
  private readonly cache = new ActorCache<MemberActor>();

  constructor(
    private readonly database: TenantDatabase,
    private readonly door: SegmentDoor,
    private readonly clock: Clock,
    signals: Signals,
  ) {
    signals.subscribe((signal) => {
      if (signal.kind === 'session.ended') this.forget((actor) => actor.sessionId === signal.sessionId);
      if (signal.kind === 'city.changed') this.forget(({ scope }) => scope.tenantId === signal.tenantId);
      if (signal.kind === 'member.changed') this.forget((actor) => actor.id === signal.memberId);
    });
  }

  /**
   * @param entrance the network the request came in through: a session of another network is not there
   * @returns null when the token belongs to no living session
   * @throws DomainError TENANCY.SUSPENDED, TENANCY.FROZEN for everybody but an administrator, TENANCY.SEGMENT_CLOSED,
   *   TENANCY.ADDRESS_REFUSED
   */
  async authenticate(cookie: string, { segment, address }: Entrance): Promise<MemberActor | null> {
    const token = readSessionToken(cookie);
    if (!token) return null;
    const actor = await this.cache.get(`${segment} ${cookie}`, () => this.load(token, segment));
    if (!actor || actor.expiresAt <= this.clock.now()) return null;
    await this.door.pass(actor, address);
    return actor;
  }

  /** Takes effect at once in this process; signals and the cache's lifetime see to the others. */
  forget(isAffected: (actor: MemberActor) => boolean): void {
    this.cache.drop(isAffected);
  }

  /**
   * Reads the sessions of a city's network again, for those who have been reading for a while.
   * @returns those of whom nothing has changed: the session lives, role and department are the same, and what the role may do
   *   in a city of its present state
   */
  async unchanged(scope: TenantScope, actors: readonly MemberActor[]): Promise<Set<MemberActor>> {
    const rows = await this.database.run(scope, (tx) =>
      this.find(
        tx,
        actors.map(({ sessionId }) => sessionId),
      ),
    );
    const now = new Map(rows.map((row) => [row.session_id, livingActor(row, scope)]));
    return new Set(
      actors.filter((actor) => {
        const known = now.get(actor.sessionId);
        return (
          known?.policy.open === true &&
          known.expiresAt > this.clock.now() &&
          known.role === actor.role &&
          [...actor.permissions].every((permission) => known.permissions.has(permission)) &&
          known.department?.id === actor.department?.id
        );
      }),
    );
  }

  private async load(token: TenantToken, segment: TenantScope['segment']): Promise<MemberActor | null> {
    const scope: TenantScope = { tenantId: token.tenantId, segment };
    return this.database.run(scope, async (tx) => {
      const [row] = await this.find(tx, [token.id]);
      if (!row || !isSecretOf(token.secret, row.secret_hash)) return null;
      await this.see(tx, row);
      return toActor(row, scope);
    });
  }

  private find(tx: TenantTransaction, ids: readonly string[]): Promise<SessionRow[]> {
    return tx.query<SessionRow>(FIND_SESSION, [tx.scope.tenantId, ids, this.clock.now()]);
  }

  /** "Last seen" tells one's own sessions apart: a write a minute is enough. */
  private async see(tx: TenantTransaction, { session_id, last_seen_at }: SessionRow): Promise<void> {
    const now = this.clock.now();
    if (last_seen_at && now.getTime() - last_seen_at.getTime() < LAST_SEEN_PRECISION_MS) return;
    await tx.query('UPDATE sessions SET last_seen_at = $2 WHERE id = $1', [session_id, now]);
  }
}

/** As {@link toActor}, where it does not matter why somebody may not go on. */
function livingActor(row: SessionRow, scope: TenantScope): MemberActor | null {
  try {
    return toActor(row, scope);
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
}

/** Null when the session opens nothing any more. @throws DomainError TENANCY.SUSPENDED and what else permissionsIn refuses */
function toActor(row: SessionRow, scope: TenantScope): MemberActor | null {
  const permissions = permissionsIn(row.city_status, row.role);
  if (!permissions) return null;
  // A city that begins to demand a second factor does not wait for the evening.
  if (row.policy.mfa === 'required' && row.stage === 'whole' && !row.strong) return null;
  return {
    type: 'member',
    id: row.member_id,
    sessionId: row.session_id,
    stage: row.stage,
    strong: row.strong,
    scope,
    policy: row.policy,
    city: { id: scope.tenantId, code: row.city_code, name: row.city_name },
    trialEndsOn: row.trial_ends_on,
    loginId: row.login_id,
    displayName: row.display_name,
    role: row.role,
    department: row.department_id
      ? { id: row.department_id, code: row.department_code!, name: row.department_name! }
      : null,
    permissions,
    expiresAt: row.expires_at,
  };
}
