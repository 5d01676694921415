import { Injectable } from '@nestjs/common';
import type { CrossTenantTransaction } from '#libs/database';
import type { Lane } from '../job.ts';
import { SAMPLE_SECONDS } from './pool-sampler.ts';

/** The pool during the seconds before `at`. */
export interface PoolSample {
  readonly at: Date;
  readonly admissionsPerSecond: number;
  /** Of the providers' quotas: input, and output times its burn-down. */
  readonly tokensPerSecond: number;
  readonly throttles: number;
  readonly failures: number;
  readonly running: number;
  readonly lanes: readonly { readonly lane: Lane; readonly waiting: number; readonly oldestWaitMs: number | null }[];
  /** The part of what each deployment is granted that was in use: of its tokens, or of its concurrency where it has no such quota. */
  readonly deployments: readonly { readonly id: string; readonly used: number }[];
}

// Rates are differences between neighbours: a gap (no worker ran) belongs to the time it lasted.
const SAMPLES = `
  WITH sampled AS (
    SELECT *, lag(sampled_at) OVER one AS before, admitted_total - lag(admitted_total) OVER one AS admitted,
      quota_tokens_total - lag(quota_tokens_total) OVER one AS tokens,
      throttled_total - lag(throttled_total) OVER one AS throttled, failed_total - lag(failed_total) OVER one AS failed
    FROM pool_samples WHERE sampled_at > clock_timestamp() - make_interval(mins => $1, secs => ${SAMPLE_SECONDS})
    WINDOW one AS (PARTITION BY deployment_id ORDER BY sampled_at))
  SELECT sampled_at AS at,
    (coalesce(sum(admitted), 0) / passed)::float8 AS "admissionsPerSecond", (coalesce(sum(tokens), 0) / passed)::float8 AS "tokensPerSecond",
    coalesce(sum(throttled), 0)::float8 AS throttles, coalesce(sum(failed), 0)::float8 AS failures, sum(running)::integer AS running,
    json_agg(json_build_object('id', deployment_id, 'used', used) ORDER BY position, deployment_id) AS deployments,
    (SELECT json_agg(json_build_object('lane', lane, 'waiting', waiting, 'oldestWaitMs',
       CASE WHEN oldest_accepted_at IS NOT NULL THEN greatest(0, extract(epoch FROM l.sampled_at - oldest_accepted_at) * 1000)::float8 END)
       ORDER BY array_position(ARRAY['urgent', 'interactive', 'batch'], lane))
     FROM lane_samples l WHERE l.sampled_at = s.sampled_at) AS lanes
  FROM sampled s CROSS JOIN LATERAL (
    SELECT coalesce(extract(epoch FROM s.sampled_at - s.before), ${SAMPLE_SECONDS})::float8 AS passed) p
  GROUP BY sampled_at, passed ORDER BY sampled_at`;

/** What the pool was like a while ago: the same from every api process, and there before anybody looked. */
@Injectable()
export class PoolHistory {
  /** Oldest first. */
  read(tx: CrossTenantTransaction, minutes: number): Promise<PoolSample[]> {
    return tx.query<PoolSample>(SAMPLES, [minutes]);
  }
}
