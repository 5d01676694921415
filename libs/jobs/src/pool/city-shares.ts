import { Injectable } from '@nestjs/common';
import type { AuditActor } from '#libs/audit';
import type { CrossTenantTransaction } from '#libs/database';
import { DomainError, type TenantId } from '#libs/kernel';
import { CityRegistry } from '#libs/tenancy';
import type { Lane } from '../job.ts';

/** A city's part in the pool, and how its line stands. */
export interface CityShare {
  readonly id: TenantId;
  readonly code: string;
  readonly name: string;
  /** Tokens it is served against other cities that wait too; 1 is ordinary. */
  readonly weight: number;
  /** Below so many running jobs it goes before all others of its lane. */
  readonly runningFloor: number | null;
  /** It never runs more than so many. */
  readonly runningLimit: number | null;
  readonly running: number;
  readonly waiting: Readonly<Record<Lane, number>>;
  readonly oldestWaitMs: number | null;
}

export type ShareChange = Partial<Pick<CityShare, 'weight' | 'runningFloor' | 'runningLimit'>>;

const WAITING = (lane: Lane) => `'${lane}', coalesce(sum(waiting) FILTER (WHERE lane = '${lane}'), 0)`;
const SHARE = `
  SELECT t.id, t.code, t.name, coalesce(s.weight, 1)::float8 AS weight, s.running_floor AS "runningFloor",
    s.agreed_limit AS "runningLimit", coalesce(s.running, 0) AS running, q.waiting,
    CASE WHEN e.oldest IS NOT NULL THEN greatest(0, extract(epoch FROM clock_timestamp() - e.oldest) * 1000)::float8 END AS "oldestWaitMs"
  FROM tenants t LEFT JOIN admission_shares s ON s.tenant_id = t.id
  CROSS JOIN LATERAL (
    SELECT json_build_object(${(['urgent', 'interactive', 'batch'] as const).map(WAITING).join(', ')}) AS waiting
    FROM admission_queues WHERE tenant_id = t.id) q
  CROSS JOIN LATERAL (
    SELECT min(accepted_at) AS oldest FROM admission_entries WHERE tenant_id = t.id AND stage = 'waiting') e`;

/** What a city's lines copy of its share, so that admission finds the next city by one index. */
export const COPY_TO_LINES = `
  UPDATE admission_queues q SET rank = CASE WHEN s.running < s.running_floor THEN 0 ELSE 1 END,
    at_limit = coalesce(s.running >= s.running_limit, false)
  FROM admission_shares s WHERE s.tenant_id = $1 AND q.tenant_id = s.tenant_id AND q.waiting > 0`;

/** What a city at its limit was not served is no credit for the time after: it goes on where others of its lines are. */
const GO_ON_LEVEL = `
  UPDATE admission_queues q SET virtual_time = greatest(q.virtual_time,
    (SELECT max(r.level) FROM admission_routes r WHERE r.lane = q.lane AND r.market = q.market))
  WHERE q.tenant_id = $1`;

/** The vendor's hand on how cities share the pool. Works with the ops role. */
@Injectable()
export class CityShares {
  constructor(private readonly cities: CityRegistry) {}

  /** One page in order of municipality code. @param onlyWaiting leaves out cities that nobody waits in */
  list(tx: CrossTenantTransaction, page: { after: string; limit: number; onlyWaiting: boolean }): Promise<CityShare[]> {
    const waits = page.onlyWaiting ? 'AND s.waiting > 0' : '';
    return tx.query<CityShare>(`${SHARE} WHERE t.code > $1 ${waits} ORDER BY t.code LIMIT $2`, [
      page.after,
      page.limit,
    ]);
  }

  /**
   * Counts from the next admission on, which is within a second, for those who wait already too.
   * @throws DomainError REQUEST.NOT_FOUND, REQUEST.INVALID when the floor lies above the limit
   */
  async change(tx: CrossTenantTransaction, actor: AuditActor, id: string, change: ShareChange): Promise<CityShare> {
    const city = await this.cities.get(tx, id);
    const before = await this.get(tx, id);
    const { weight, runningFloor, runningLimit } = { ...before, ...change };
    if (runningFloor !== null && runningLimit !== null && runningFloor > runningLimit) {
      const message = '最低保証は、上限以下にしてください。';
      throw new DomainError('REQUEST.INVALID', { faults: [{ pointer: '/runningFloor', message }] });
    }
    await tx.query(
      `INSERT INTO admission_shares (tenant_id, weight, running_floor, agreed_limit) VALUES ($1, $2, $3, $4)
       ON CONFLICT (tenant_id) DO UPDATE SET weight = excluded.weight, running_floor = excluded.running_floor,
         agreed_limit = excluded.agreed_limit`,
      [id, weight, runningFloor, runningLimit],
    );
    // In this order, as admission does: the share's row is ours until the commit, so that no copy of it goes stale.
    await tx.query(COPY_TO_LINES, [id]);
    if ((runningLimit ?? Infinity) > (before.runningLimit ?? Infinity)) await tx.query(GO_ON_LEVEL, [id]);
    const after = await this.get(tx, id);
    await this.cities.record(tx, actor, 'city.share-changed', city, { weight, runningFloor, runningLimit });
    return after;
  }

  /** @throws DomainError REQUEST.NOT_FOUND */
  async get(tx: CrossTenantTransaction, id: string): Promise<CityShare> {
    const [share] = await tx.query<CityShare>(`${SHARE} WHERE t.id = $1`, [id]);
    if (!share) throw new DomainError('REQUEST.NOT_FOUND');
    return share;
  }
}
