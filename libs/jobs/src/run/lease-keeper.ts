import { Injectable } from '@nestjs/common';
import { AdmissionDatabase } from '#libs/database';
import type { TenantId } from '#libs/kernel';
import { Log } from '#libs/observability';

interface Held {
  readonly tenantId: TenantId;
  readonly onCancel: () => void;
}

/** Keeps the leases of everything this worker runs with one statement per beat, and learns of cancellations by it. */
@Injectable()
export class LeaseKeeper {
  private readonly held = new Map<string, Held>();
  private timer: NodeJS.Timeout | undefined;
  private leaseMs = 0;

  constructor(
    private readonly database: AdmissionDatabase,
    private readonly log: Log,
  ) {}

  start(leaseMs: number): void {
    this.leaseMs = leaseMs;
    this.timer = setInterval(() => void this.beat(), leaseMs / 3);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  hold(jobId: string, tenantId: TenantId, onCancel: () => void): void {
    this.held.set(jobId, { tenantId, onCancel });
  }

  drop(jobId: string): void {
    this.held.delete(jobId);
  }

  /** Ends the leases of what still runs, so that other workers take over at once instead of when they expire. */
  async surrender(): Promise<void> {
    await this.extend(0);
    this.held.clear();
  }

  private async beat(): Promise<void> {
    try {
      for (const { job_id, cancelled } of await this.extend(this.leaseMs))
        if (cancelled) this.held.get(job_id)?.onCancel();
    } catch (error) {
      // The jobs run on; if the database stays away they are taken over, and the fence refuses our late settlement.
      this.log.warn('leases.not-renewed', { error });
    }
  }

  private async extend(milliseconds: number): Promise<{ job_id: string; cancelled: boolean }[]> {
    if (this.held.size === 0) return [];
    return this.database.query(
      `UPDATE admission_entries e SET lease_expires_at = clock_timestamp() + make_interval(secs => $3 / 1000.0)
       FROM unnest($1::uuid[], $2::uuid[]) AS held (tenant_id, job_id)
       WHERE e.tenant_id = held.tenant_id AND e.job_id = held.job_id AND e.finished_at IS NULL
       RETURNING e.job_id, e.cancel_requested_at IS NOT NULL AS cancelled`,
      [[...this.held.values()].map(({ tenantId }) => tenantId), [...this.held.keys()], milliseconds],
    );
  }
}
