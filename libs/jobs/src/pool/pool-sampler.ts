import { Injectable } from '@nestjs/common';
import { AdmissionDatabase } from '#libs/database';
import { Rounds } from '#libs/kernel';
import { Log } from '#libs/observability';

export const SAMPLE_SECONDS = 5;
const KEPT_HOURS = 24;

/**
 * One sample for each span of the database's clock, by whichever worker comes first; the others find it and do nothing.
 * The lines' heads are looked up through the index of what waits, one for each member who has something waiting.
 */
const SAMPLE = `
  WITH span AS (
    SELECT start AS sampled_at
    FROM (SELECT date_bin('${SAMPLE_SECONDS} s', clock_timestamp(), 'epoch') AS start) AS bin
    WHERE NOT EXISTS (SELECT FROM pool_samples WHERE sampled_at = start)),
  pool AS (
    INSERT INTO pool_samples (sampled_at, deployment_id, position, running, used, admitted_total, throttled_total,
      failed_total, quota_tokens_total)
    SELECT span.sampled_at, d.id, d.position, d.running,
      greatest(0, d.running::float8 / d.concurrency, 1 - r.requests / d.requests_per_minute, 1 - r.tokens / d.tokens_per_minute),
      d.admitted_total, d.throttled_total, d.failed_total, d.quota_tokens_total
    FROM span CROSS JOIN pool_deployments d JOIN pool_room(clock_timestamp()) r ON r.id = d.id
    ON CONFLICT DO NOTHING),
  lanes AS (
    INSERT INTO lane_samples (sampled_at, lane, waiting, oldest_accepted_at)
    SELECT span.sampled_at, l.lane, coalesce(w.waiting, 0), w.oldest
    FROM span CROSS JOIN admission_lanes l
    LEFT JOIN (
      SELECT line.lane, sum(line.waiting) AS waiting, min(head.accepted_at) AS oldest
      FROM admission_lines line CROSS JOIN LATERAL (
        SELECT accepted_at FROM admission_entries e
        WHERE e.tenant_id = line.tenant_id AND e.lane = line.lane AND e.route = line.route AND e.actor_id = line.actor_id
          AND e.stage = 'waiting' ORDER BY e.sequence LIMIT 1) head
      WHERE line.waiting > 0 GROUP BY line.lane) w ON w.lane = l.lane
    ON CONFLICT DO NOTHING),
  old AS (
    DELETE FROM pool_samples WHERE sampled_at < (SELECT sampled_at FROM span) - interval '${KEPT_HOURS} h')
  DELETE FROM lane_samples WHERE sampled_at < (SELECT sampled_at FROM span) - interval '${KEPT_HOURS} h'`;

/** Keeps a day of the pool's course for the vendor's charts. Any number of workers may run it. */
@Injectable()
export class PoolSampler {
  private readonly rounds = new Rounds();

  constructor(
    private readonly database: AdmissionDatabase,
    private readonly log: Log,
  ) {}

  start(): void {
    this.rounds.start(SAMPLE_SECONDS * 1_000, () =>
      this.sample().catch((error: unknown) => this.log.warn('pool.not-sampled', { error })),
    );
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  async sample(): Promise<void> {
    await this.database.query(SAMPLE);
  }
}
