import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { TenantDatabase, type TenantTransaction } from '#libs/database';
import { SEGMENTS, type TenantId } from '#libs/kernel';
import { WaitingJobs } from './waiting-jobs.ts';

/** The jobs of a whole city, when it leaves. */
@Injectable()
export class CityJobs {
  constructor(
    private readonly database: TenantDatabase,
    private readonly waiting: WaitingJobs,
    private readonly audit: AuditTrail,
  ) {}

  /** Ends what waits and gives back what it held; what runs ends by itself. @returns how many still run */
  async endWaiting(tenantId: TenantId): Promise<number> {
    let running = 0;
    for (const segment of SEGMENTS) {
      const scope = { tenantId, segment };
      await this.waiting.end(scope, {
        lockNext,
        record: (tx, jobs) => this.record(tx, jobs),
        cause: 'JOBS.CITY_LEAVING',
      });
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

  private record(tx: TenantTransaction, jobs: number): Promise<void> {
    return this.audit.append(tx, {
      action: 'jobs.cancelled-by-exit',
      actor: { type: 'system', id: null },
      segment: tx.scope.segment,
      details: { jobs },
    });
  }
}

async function lockNext(tx: TenantTransaction, limit: number): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `SELECT id FROM jobs WHERE tenant_id = $1 AND status = 'queued' ORDER BY id LIMIT $2 FOR UPDATE`,
    [tx.scope.tenantId, limit],
  );
  return rows.map(({ id }) => id);
}
