import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { AdmissionDatabase, TenantDatabase, type TenantScope } from '#libs/database';
import { Clock } from '#libs/kernel';
import { BatchRepository } from './batch-repository.ts';

const DAY_MS = 24 * 3_600_000;
/** Of one city and segment at a time: a draft may have ten thousand rows, and others write to this audit chain too. */
const AT_ONCE = 10;

const WHERE_OLD =
  'SELECT DISTINCT tenant_id AS "tenantId", segment FROM batches WHERE started_at IS NULL AND created_at < $1';
const OLD = `
  SELECT id FROM batches WHERE started_at IS NULL AND created_at < $1 ORDER BY created_at LIMIT ${AT_ONCE}
  FOR UPDATE SKIP LOCKED`;

/** Erases drafts that nobody started: a file that somebody forgot must not be kept for ever. */
@Injectable()
export class DraftSweeper {
  constructor(
    private readonly admission: AdmissionDatabase,
    private readonly database: TenantDatabase,
    private readonly repository: BatchRepository,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** @param days since its upload after which a draft is erased; @returns how many were */
  async sweep(days: number): Promise<number> {
    const before = new Date(this.clock.now().getTime() - days * DAY_MS);
    let erased = 0;
    for (const scope of await this.admission.query<TenantScope>(WHERE_OLD, [before]))
      for (let more = AT_ONCE; more === AT_ONCE; erased += more) more = await this.erase(scope, before, days);
    return erased;
  }

  private erase(scope: TenantScope, before: Date, days: number): Promise<number> {
    return this.database.run(scope, async (tx) => {
      const drafts = await tx.query<{ id: string }>(OLD, [before]);
      if (drafts.length === 0) return 0;
      for (const { id } of drafts) await this.repository.erase(tx, id);
      await this.audit.append(tx, {
        action: 'batch.drafts-expired',
        actor: { type: 'system', id: null },
        segment: scope.segment,
        details: { batches: drafts.length, days },
      });
      return drafts.length;
    });
  }
}
