import { Injectable } from '@nestjs/common';
import type { CrossTenantTransaction } from '#libs/database';
import type { Segment } from '#libs/kernel';
import type { Lane } from '../job.ts';
import { SAMPLE_SECONDS } from './pool-sampler.ts';

/**
 * What a provider grants a minute, and what of it can be taken at this moment (`left`) or not (`used`). A provider that has
 * just throttled has nothing left, whatever was counted; `left` is negative while tokens are owed.
 */
export interface Quota {
  readonly granted: number;
  readonly used: number;
  readonly left: number;
}

/** `trial`: the breaker was open, and one job is sent to find out. */
export type BreakerState = 'closed' | 'trial' | 'open';

export interface DeploymentState {
  readonly id: string;
  readonly model: string;
  readonly provider: string;
  readonly region: string;
  readonly simulated: boolean;
  readonly segments: readonly Segment[];
  readonly concurrency: number;
  readonly running: number;
  /** Of the places, those held free for cities that ask for little; 0 while none of them comes. */
  readonly headRoom: number;
  readonly requests: Quota | null;
  readonly tokens: Quota | null;
  /** The part of the quota that is used since the provider last throttled; 1 is all of it. */
  readonly pace: number;
  readonly breaker: BreakerState;
  readonly admittedTotal: number;
  readonly throttledTotal: number;
  readonly failedTotal: number;
  readonly quotaTokensTotal: number;
}

export interface LaneState {
  readonly lane: Lane;
  readonly waiting: number;
  /** Of the job that waits longest; null when none does, and while it is not known. */
  readonly oldestWaitMs: number | null;
}

export interface PoolState {
  readonly deployments: readonly DeploymentState[];
  readonly lanes: readonly LaneState[];
  /** False when no worker has sampled the pool lately: then none is alive, and nothing moves. */
  readonly isSampled: boolean;
}

/** Missing one sample may be a slow worker; missing three is none. */
const SILENT_SECONDS = 3 * SAMPLE_SECONDS;

const QUOTA = (granted: string, left: string) =>
  `CASE WHEN ${granted} IS NOT NULL THEN
     json_build_object('granted', ${granted}, 'used', ${granted} - ${left}, 'left', ${left}) END`;

const DEPLOYMENTS = `
  SELECT d.id, d.model, d.provider, d.region, d.simulated, d.segments, d.concurrency, d.running,
    r.held_slots AS "headRoom",
    ${QUOTA('d.requests_per_minute', 'r.requests')} AS requests, ${QUOTA('d.tokens_per_minute', 'r.tokens')} AS tokens,
    p.pace,
    CASE WHEN d.open_until > t.now THEN 'open' WHEN d.open_until IS NOT NULL THEN 'trial' ELSE 'closed' END AS breaker,
    d.admitted_total::float8 AS "admittedTotal", d.throttled_total::float8 AS "throttledTotal",
    d.failed_total::float8 AS "failedTotal", d.quota_tokens_total::float8 AS "quotaTokensTotal"
  FROM (SELECT clock_timestamp() AS now) t CROSS JOIN pool_deployments d JOIN LATERAL pool_room(t.now) r ON r.id = d.id
  CROSS JOIN LATERAL (SELECT pool_pace(d.throttle_level, d.throttled_at, t.now) AS pace) p
  ORDER BY d.position, d.id`;

/** Looking for the oldest job of each lane costs more the longer the lines are, so it is looked up once in every sample. */
const LANES = `
  SELECT l.lane, coalesce(q.waiting, 0) AS waiting,
    CASE WHEN q.waiting > 0 AND s.oldest_accepted_at IS NOT NULL THEN greatest(0, extract(epoch FROM clock_timestamp() - s.oldest_accepted_at) * 1000)::float8 END
      AS "oldestWaitMs"
  FROM admission_lanes l
  LEFT JOIN (SELECT lane, sum(waiting)::integer AS waiting FROM admission_queues WHERE waiting > 0 GROUP BY lane) q USING (lane)
  LEFT JOIN LATERAL (
    SELECT oldest_accepted_at FROM lane_samples
    WHERE lane_samples.lane = l.lane AND sampled_at > clock_timestamp() - interval '${SILENT_SECONDS} s'
    ORDER BY sampled_at DESC LIMIT 1) s ON true
  ORDER BY array_position(ARRAY['urgent', 'interactive', 'batch'], l.lane)`;

const SAMPLED = `
  SELECT EXISTS (SELECT FROM lane_samples WHERE sampled_at > clock_timestamp() - interval '${SILENT_SECONDS} s') AS "isSampled"`;

/** The pool as every process shares it: figures of deployments and lines, nothing of any city. */
@Injectable()
export class PoolOverview {
  async read(tx: CrossTenantTransaction): Promise<PoolState> {
    const [deployments, lanes, [sampled]] = await Promise.all([
      tx.query<DeploymentState>(DEPLOYMENTS),
      tx.query<LaneState>(LANES),
      tx.query<Pick<PoolState, 'isSampled'>>(SAMPLED),
    ]);
    return { deployments, lanes, isSampled: sampled!.isSampled };
  }
}
