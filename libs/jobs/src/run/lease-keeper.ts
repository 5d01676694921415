import { Injectable } from '@nestjs/common';
import { AdmissionDatabase } from '#libs/database';
import type { TenantId } from '#libs/kernel';
import { Log } from '#libs/observability';

/** An execution of a job by this worker. */
export interface Lease {
  readonly tenantId: TenantId;
  readonly jobId: string;
  readonly fence: number;
  /** Called when the work is of no use any more: the job was cancelled, or another worker has taken it over. */
  readonly onEnd: () => void;
}

interface Renewed {
  readonly job_id: string;
  readonly fence: number;
  readonly cancelled: boolean;
}

/** A beat that failed is tried again soon: the lease must outlast a short absence of the database. */
const RETRY_MS = 500;

/** Keeps the leases of everything this worker runs with one statement per beat, and learns of cancellations by it. */
@Injectable()
export class LeaseKeeper {
  private readonly held = new Set<Lease>();
  private timer: NodeJS.Timeout | undefined;
  private leaseMs = 0;

  constructor(
    private readonly database: AdmissionDatabase,
    private readonly log: Log,
  ) {}

  start(leaseMs: number): void {
    this.leaseMs = leaseMs;
    this.beatIn(leaseMs / 3);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  hold(lease: Lease): void {
    this.held.add(lease);
  }

  drop(lease: Lease): void {
    this.held.delete(lease);
  }

  /** Ends the leases of what still runs, so that other workers take over at once instead of when they expire. */
  async surrender(): Promise<void> {
    await this.extend([...this.held], 0);
    this.held.clear();
  }

  private beatIn(milliseconds: number): void {
    this.timer = setTimeout(() => {
      void this.beat().then((renewed) => {
        if (this.timer) this.beatIn(renewed ? this.leaseMs / 3 : Math.min(RETRY_MS, this.leaseMs / 3));
      });
    }, milliseconds);
  }

  private async beat(): Promise<boolean> {
    const leases = [...this.held];
    try {
      const renewed = new Map((await this.extend(leases, this.leaseMs)).map((row) => [row.job_id, row]));
      for (const lease of leases) {
        const row = renewed.get(lease.jobId);
        // Not renewed: it has ended, or somebody else runs it since this process was away.
        if (row?.fence !== lease.fence || row.cancelled) lease.onEnd();
      }
      return true;
    } catch (error) {
      // The jobs run on; if the database stays away they are taken over, and the fence refuses our late settlement.
      this.log.warn('leases.not-renewed', { error });
      return false;
    }
  }

  private async extend(leases: readonly Lease[], milliseconds: number): Promise<Renewed[]> {
    if (leases.length === 0) return [];
    // A row that somebody has locked is being claimed or settled: waiting for one would hold up the settlements of all others.
    return this.database.query<Renewed>(
      `WITH held AS (
         SELECT e.tenant_id, e.job_id, e.lease_fence, e.cancel_requested_at
         FROM unnest($1::uuid[], $2::uuid[], $3::integer[]) AS mine (tenant_id, job_id, fence)
         JOIN admission_entries e ON e.tenant_id = mine.tenant_id AND e.job_id = mine.job_id AND e.lease_fence = mine.fence
         WHERE e.finished_at IS NULL),
       free AS (
         SELECT e.tenant_id, e.job_id FROM held JOIN admission_entries e USING (tenant_id, job_id)
         WHERE e.lease_fence = held.lease_fence AND e.finished_at IS NULL FOR UPDATE OF e SKIP LOCKED),
       renewed AS (
         UPDATE admission_entries e SET lease_expires_at = clock_timestamp() + make_interval(secs => $4 / 1000.0)
         FROM free WHERE e.tenant_id = free.tenant_id AND e.job_id = free.job_id)
       SELECT job_id, lease_fence AS fence, cancel_requested_at IS NOT NULL AS cancelled FROM held`,
      [
        leases.map(({ tenantId }) => tenantId),
        leases.map(({ jobId }) => jobId),
        leases.map(({ fence }) => fence),
        milliseconds,
      ],
      // Sooner given up than other statements: there must be time for two more tries, on other connections, before the lease ends.
      this.leaseMs / 4,
    );
  }
}
