import { Injectable } from '@nestjs/common';
import { AdmissionDatabase } from '#libs/database';
import { Rounds } from '#libs/kernel';
import { Log, Metrics } from '#libs/observability';
import { type AdmittedRow, FairAdmission } from './fair-admission.ts';
import { Suspensions } from './suspensions.ts';

const INTERVAL_MS = 1_000;
/** A round waits for locks and connections; one that has not come to its end by now will not. */
const TURNING_MS = 15_000;
const CLAIM_SECONDS = 5;
/** No lease can run out in less; as admit() has it. */
const ABSENCE_SECONDS = 5;
const GRACE_SECONDS = 5;

/**
 * Overdue: handed to the queue but claimed by nobody (the queue lost it), or claimed under a lease that ran out (the
 * worker was lost). Unclaimed ones wait longer each time, because a queue that is merely full must not be filled with
 * copies. When PostgreSQL was restarted, or out of everybody's reach so that nobody asked for an admission, the living
 * workers get a moment to renew leases they could not renew meanwhile.
 * What somebody has locked is being claimed, renewed or settled, or hangs with a worker that does: not ours to wait for.
 */
const OVERDUE = `
  UPDATE admission_entries e
  SET admitted_at = clock_timestamp(), deliveries = e.deliveries + 1, lease_expires_at = NULL
  FROM (
    SELECT tenant_id, job_id, lease_expires_at IS NOT NULL AS lost FROM admission_entries
    WHERE stage = 'running' AND finished_at IS NULL AND returned_at IS NULL
      AND coalesce(lease_expires_at, admitted_at + make_interval(secs => ${CLAIM_SECONDS} * deliveries)) < clock_timestamp()
      AND pg_postmaster_start_time() < clock_timestamp() - make_interval(secs => ${GRACE_SECONDS})
      AND EXISTS (SELECT FROM admission_clock WHERE updated_at > clock_timestamp() - make_interval(secs => ${ABSENCE_SECONDS})
                    AND resumed_at < clock_timestamp() - make_interval(secs => ${GRACE_SECONDS}))
    FOR UPDATE SKIP LOCKED) overdue
  WHERE e.tenant_id = overdue.tenant_id AND e.job_id = overdue.job_id
  RETURNING e.tenant_id, e.segment, e.job_id, e.deliveries AS delivery, overdue.lost, e.deployment_id, e.quota_tokens`;

interface OverdueRow extends AdmittedRow {
  readonly lost: boolean;
  readonly deployment_id: string | null;
  readonly quota_tokens: number | null;
}

/**
 * Members who waited once, whose virtual time the line has passed since: they would start at the line's own anyway.
 * Deleting them keeps the look for a city's next member short.
 */
const FORGET_LINES = `
  DELETE FROM admission_lines l USING admission_queues q
  WHERE l.waiting = 0 AND l.virtual_time <= q.member_time
    AND q.tenant_id = l.tenant_id AND q.lane = l.lane AND q.route = l.route`;

const FORGET_EVERY_ROUNDS = 60;

/** The safety net: every second admits what should run and delivers again what got lost on the way. */
@Injectable()
export class Reconciler {
  private readonly rounds = new Rounds();
  private turnedAt = -Infinity;
  private readonly redeliveries;
  private count = 0;

  constructor(
    private readonly database: AdmissionDatabase,
    private readonly admission: FairAdmission,
    private readonly suspensions: Suspensions,
    private readonly log: Log,
    metrics: Metrics,
  ) {
    this.redeliveries = metrics.counter('moyai_redeliveries_total', 'Deliveries repeated because nobody holds the job');
  }

  start(): void {
    this.rounds.start(INTERVAL_MS, () =>
      this.reconcile().catch((error: unknown) => this.log.warn('reconciler.round-failed', { error })),
    );
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  /** @throws Error when no round has succeeded for {@link TURNING_MS} */
  assertTurning(): void {
    if (performance.now() - this.turnedAt > TURNING_MS) throw new Error('the reconciler stands still');
  }

  async reconcile(): Promise<void> {
    await this.suspensions.heed();
    await this.admission.request();
    const overdue = await this.database.query<OverdueRow>(OVERDUE);
    this.redeliveries.inc(overdue.length);
    this.admission.deliver(overdue);
    await this.charge(overdue.filter(({ lost }) => lost));
    this.turnedAt = performance.now();
    this.count += 1;
    if (this.count % FORGET_EVERY_ROUNDS === 0) await this.database.query(FORGET_LINES);
  }

  /** What a lost worker's call was to take at most: the provider took it too, and the job's next call needs as much again. */
  private async charge(lost: readonly OverdueRow[]): Promise<void> {
    if (lost.length === 0) return;
    const deployments = lost.map((row) => row.deployment_id);
    const tokens = lost.map((row) => row.quota_tokens);
    await this.database.query('SELECT pool_charge($1, $2)', [deployments, tokens]);
  }
}
