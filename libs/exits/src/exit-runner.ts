import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { ExitDatabase, refusedWith } from '#libs/database';
import { CityJobs } from '#libs/jobs';
import { Clock, type Segment, type TenantId, VENDOR_TENANT_ID, newId } from '#libs/kernel';
import { Log } from '#libs/observability';
import { SegmentsInUse } from './segments-in-use.ts';
import { ExitRemoval } from './removal/exit-removal.ts';

const LOCK_NOT_AVAILABLE = '55P03';

interface ArchiveState {
  readonly segment: Segment;
  readonly state: string;
  readonly sha256: string | null;
}

/** What a worker does for a city that leaves: it ends the jobs, has the archives written, and removes the city when told to. */
@Injectable()
export class ExitRunner {
  private isStopping = false;

  constructor(
    private readonly database: ExitDatabase,
    private readonly jobs: CityJobs,
    private readonly segments: SegmentsInUse,
    private readonly removal: ExitRemoval,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async run(tenantId: TenantId, exitId: string): Promise<void> {
    try {
      const [exit] = await this.database.query<{ state: string }>(
        'SELECT state FROM city_exits WHERE tenant_id = $1 AND id = $2',
        [tenantId, exitId],
      );
      if (exit?.state === 'frozen') await this.takeLeave(tenantId, exitId);
      if (exit?.state === 'deleting') while (!this.isStopping && (await this.removal.step(tenantId, exitId)));
    } catch (error) {
      // Somebody else is at it.
      if (refusedWith(error, LOCK_NOT_AVAILABLE)) return;
      this.log.error('exit.stopped', { tenantId, exitId, error });
      throw error;
    }
  }

  /** Ends at the next step. */
  stop(): void {
    this.isStopping = true;
  }

  /** Looked at again by the next delivery until the jobs have ended and the archives are written. */
  private async takeLeave(tenantId: TenantId, exitId: string): Promise<void> {
    if ((await this.jobs.endWaiting(tenantId)) > 0) return;
    const segments = await this.segments.of(tenantId);
    await this.database.run(async (tx) => {
      await tx.actOn(tenantId);
      for (const segment of segments)
        await tx.query(
          `INSERT INTO data_exports (tenant_id, segment, id, exit_id, requested_at, touched_at)
           VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (tenant_id, exit_id, segment) WHERE exit_id IS NOT NULL DO NOTHING`,
          [tenantId, segment, newId(), exitId, this.clock.now()],
        );
      const archives = await tx.query<ArchiveState>(
        `SELECT segment, state, encode(manifest_sha256, 'hex') AS sha256 FROM data_exports
         WHERE tenant_id = $1 AND exit_id = $2 ORDER BY segment`,
        [tenantId, exitId],
      );
      if (archives.length === 0 || archives.some(({ state }) => state !== 'ready')) return;
      const manifests = archives.map(({ segment, sha256 }) => ({ segment, sha256 }));
      const exported = await tx.query(
        `UPDATE city_exits SET state = 'exported', exported_at = $3, manifests = $4
         WHERE tenant_id = $1 AND id = $2 AND state = 'frozen' RETURNING id`,
        [tenantId, exitId, this.clock.now(), JSON.stringify(manifests)],
      );
      if (exported.length === 0) return;
      for (const chain of [tenantId, VENDOR_TENANT_ID]) {
        await tx.actOn(chain);
        await this.audit.append(tx, {
          action: 'exit.exported',
          actor: { type: 'system', id: null },
          subject: { type: 'city', id: tenantId },
          details: { exitId, archives: archives.length },
        });
      }
    });
  }
}
