import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { TenantDatabase, type TenantScope } from '#libs/database';
import { Clock, SEGMENTS, type TenantId } from '#libs/kernel';
import { BudgetKeeper } from '#libs/metering';
import { Signals } from '#libs/queue';
import { jobSubject } from './job.ts';

/** Jobs that end in one transaction: for so long the city's line and its budget are held. */
const SLICE = 500;

/** The jobs of a whole city, when it leaves. */
@Injectable()
export class CityJobs {
  constructor(
    private readonly database: TenantDatabase,
    private readonly budget: BudgetKeeper,
    private readonly audit: AuditTrail,
    private readonly signals: Signals,
    private readonly clock: Clock,
  ) {}

  /** Ends what waits and gives back what it held; what runs ends by itself. @returns how many still run */
  async endWaiting(tenantId: TenantId): Promise<number> {
    let running = 0;
    for (const segment of SEGMENTS) {
      const scope = { tenantId, segment };
      while ((await this.endSlice(scope)) === SLICE);
      const [row] = await this.database.run(scope, (tx) =>
        tx.query<{ count: number }>(
          `SELECT count(*)::integer AS count FROM jobs WHERE tenant_id = $1 AND status IN ('queued', 'running')`,
          [tenantId],
        ),
      );
      running += row!.count;
    }
    return running;
  }

  /** Jobs first, then the line under the lock of admission: as everybody takes them who takes many. */
  private async endSlice(scope: TenantScope): Promise<number> {
    const ids = await this.database.run(scope, async (tx) => {
      const waiting = await tx.query<{ id: string }>(
        `SELECT id FROM jobs WHERE tenant_id = $1 AND status = 'queued' ORDER BY id LIMIT $2 FOR UPDATE`,
        [scope.tenantId, SLICE],
      );
      if (waiting.length === 0) return [];
      const ended = waiting.map(({ id }) => id);
      const now = this.clock.now();
      await tx.query(`SELECT pg_advisory_xact_lock(hashtext('moyai.admission'))`);
      await tx.query(
        `WITH ended AS (
           UPDATE jobs SET status = 'cancelled', finished_at = $3 WHERE tenant_id = $1 AND id = ANY ($2))
         UPDATE admission_entries SET finished_at = $3 WHERE tenant_id = $1 AND job_id = ANY ($2)`,
        [scope.tenantId, ended, now],
      );
      await this.budget.releaseAll(tx, ended.map(jobSubject), now);
      await this.audit.append(tx, {
        action: 'jobs.cancelled-by-exit',
        actor: { type: 'system', id: null },
        segment: scope.segment,
        details: { jobs: ended.length },
      });
      return ended;
    });
    for (const jobId of ids) this.signals.publish({ kind: 'job.finished', jobId });
    return ids.length;
  }
}
