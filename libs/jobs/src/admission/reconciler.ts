import { Injectable } from '@nestjs/common';
import { AdmissionDatabase } from '#libs/database';
import { Log } from '#libs/observability';
import { FairAdmission } from './fair-admission.ts';

const INTERVAL_MS = 1_000;
const CLAIM_SECONDS = 5;
const RESTART_GRACE_SECONDS = 5;

/**
 * Overdue: handed to the queue but claimed by nobody (the queue lost it), or claimed under a lease that ran out (the
 * worker was lost). Unclaimed ones wait longer each time, because a queue that is merely full must not be filled with
 * copies. After a restart of PostgreSQL the living workers get a moment to renew leases they could not renew meanwhile.
 */
const OVERDUE = `
  UPDATE admission_entries SET admitted_at = clock_timestamp(), deliveries = deliveries + 1, lease_expires_at = NULL
  WHERE stage = 'running' AND finished_at IS NULL
    AND coalesce(lease_expires_at, admitted_at + make_interval(secs => ${CLAIM_SECONDS} * deliveries)) < clock_timestamp()
    AND pg_postmaster_start_time() < clock_timestamp() - make_interval(secs => ${RESTART_GRACE_SECONDS})
  RETURNING tenant_id, segment, job_id, deliveries AS delivery`;

/** The safety net: every second admits what should run and delivers again what got lost on the way. */
@Injectable()
export class Reconciler {
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: AdmissionDatabase,
    private readonly admission: FairAdmission,
    private readonly log: Log,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      this.round = this.round
        .then(() => this.reconcile())
        .catch((error: unknown) => this.log.warn('reconciler.round-failed', { error }));
    }, INTERVAL_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.round;
  }

  async reconcile(): Promise<void> {
    await this.admission.request();
    this.admission.deliver(await this.database.query(OVERDUE));
  }
}
