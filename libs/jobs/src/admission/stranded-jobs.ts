import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { AdmissionDatabase, TenantDatabase, type TenantScope } from '#libs/database';
import { Clock, type ErrorCode } from '#libs/kernel';
import { BudgetKeeper } from '#libs/metering';
import { Log } from '#libs/observability';
import { type RunDelivery, Signals } from '#libs/queue';
import { JobMetrics } from '../job-metrics.ts';
import { jobSubject } from '../job.ts';

const NOBODY_ANSWERS: ErrorCode = 'MODEL.NO_HEALTHY_DEPLOYMENT';

/** Waiting for a deployment that is configured nowhere, and not only because processes are being replaced. */
const STRANDED = `
  SELECT e.tenant_id AS "tenantId", e.segment, e.job_id AS "jobId"
  FROM admission_routes r JOIN admission_entries e ON e.lane = r.lane AND e.route = r.route
  WHERE r.waiting > 0 AND e.stage = 'waiting' AND e.finished_at IS NULL AND NOT EXISTS (
    SELECT FROM pool_deployments d, unnest(d.segments) AS segment
    WHERE segment || '/' || d.model = r.route
      AND (d.retired_at IS NULL OR d.retired_at > clock_timestamp() - interval '10 min'))
  LIMIT 500`;

type Stranded = Pick<RunDelivery, 'tenantId' | 'segment' | 'jobId'>;

/** Ends what waits for a model that was taken out of the pool: no admission would ever find room for it. */
@Injectable()
export class StrandedJobs {
  constructor(
    private readonly admission: AdmissionDatabase,
    private readonly database: TenantDatabase,
    private readonly budget: BudgetKeeper,
    private readonly audit: AuditTrail,
    private readonly signals: Signals,
    private readonly metrics: JobMetrics,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Fails them all. What could not be ended now is met again by the next call. */
  async end(): Promise<void> {
    for (const { jobId, ...scope } of await this.admission.query<Stranded>(STRANDED)) {
      if (!(await this.fail(scope, jobId))) continue;
      this.log.warn('job.stranded', { jobId });
      this.metrics.ended('failed');
      this.signals.publish({ kind: 'job.finished', jobId });
    }
  }

  /** @returns false when it has ended, or was claimed after all */
  private fail(scope: TenantScope, jobId: string): Promise<boolean> {
    const now = this.clock.now();
    return this.database.run(scope, async (tx) => {
      const ended = await tx.query(
        `UPDATE jobs SET status = 'failed', error_code = $3, finished_at = $4
         WHERE tenant_id = $1 AND id = $2 AND status = 'queued' RETURNING id`,
        [scope.tenantId, jobId, NOBODY_ANSWERS, now],
      );
      if (ended.length === 0) return false;
      await this.budget.release(tx, jobSubject(jobId), now);
      await tx.query('UPDATE admission_entries SET finished_at = $3 WHERE tenant_id = $1 AND job_id = $2', [
        scope.tenantId,
        jobId,
        now,
      ]);
      await this.audit.append(tx, {
        action: 'job.failed',
        actor: { type: 'system', id: null },
        subject: jobSubject(jobId),
        segment: scope.segment,
        outcome: 'failed',
        details: { deployment: null, tokens: 0, code: NOBODY_ANSWERS },
      });
      return true;
    });
  }
}
