import { Injectable } from '@nestjs/common';
import type { CrossTenantTransaction } from '#libs/database';
import type { Lane } from '../job.ts';

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
  /** The part of what each deployment is granted that was in use: of its places, requests or tokens, whichever is scarcest. */
  readonly deployments: readonly { readonly id: string; readonly used: number }[];
}

// Rates are differences between neighbours: a gap (no worker ran) belongs to the time it lasted. The last sample before the
// span is read as the neighbour of its first one, and is not part of it.
const SAMPLES = `
  WITH span AS (SELECT clock_timestamp() - make_interval(mins => $1) AS start),
  sampled AS (
    SELECT *, extract(epoch FROM sampled_at - lag(sampled_at) OVER one)::float8 AS passed, admitted_total - lag(admitted_total) OVER one AS admitted,
      quota_tokens_total - lag(quota_tokens_total) OVER one AS tokens,
      throttled_total - lag(throttled_total) OVER one AS throttled, failed_total - lag(failed_total) OVER one AS failed
    FROM pool_samples WHERE sampled_at >= (
      SELECT coalesce((SELECT max(sampled_at) FROM pool_samples WHERE sampled_at <= span.start), span.start) FROM span)
    WINDOW one AS (PARTITION BY deployment_id ORDER BY sampled_at))
  SELECT sampled_at AS at,
    coalesce(sum(admitted / passed), 0)::float8 AS "admissionsPerSecond", coalesce(sum(tokens / passed), 0)::float8 AS "tokensPerSecond",
    coalesce(sum(throttled), 0)::float8 AS throttles, coalesce(sum(failed), 0)::float8 AS failures, sum(running)::integer AS running,
    json_agg(json_build_object('id', deployment_id, 'used', used) ORDER BY position, deployment_id) AS deployments,
    (SELECT json_agg(json_build_object('lane', lane, 'waiting', waiting, 'oldestWaitMs',
       CASE WHEN oldest_accepted_at IS NOT NULL THEN greatest(0, extract(epoch FROM l.sampled_at - oldest_accepted_at) * 1000)::float8 END)
       ORDER BY array_position(ARRAY['urgent', 'interactive', 'batch'], lane))
     FROM lane_samples l WHERE l.sampled_at = s.sampled_at) AS lanes
  FROM sampled s WHERE sampled_at > (SELECT start FROM span)
  GROUP BY sampled_at ORDER BY sampled_at`;

/** What the pool was like a while ago: the same from every api process, and there before anybody looked. */
@Injectable()
export class PoolHistory {
  /** Oldest first. */
  read(tx: CrossTenantTransaction, minutes: number): Promise<PoolSample[]> {
    return tx.query<PoolSample>(SAMPLES, [minutes]);
  }
}
