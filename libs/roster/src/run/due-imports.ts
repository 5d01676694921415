import { Injectable } from '@nestjs/common';
import { AdmissionDatabase, type TenantScope } from '#libs/database';
import { Clock } from '#libs/kernel';

export const LEASE_MS = 60_000;

/** An import that is taken: `fence` proves it in every write that follows. */
export interface TakenImport extends TenantScope {
  readonly id: string;
  readonly fence: number;
}

/** Of all cities the one that waits longest: due, or left by a worker that died. */
const TAKE = `
  UPDATE roster_imports i SET state = 'applying', fence = i.fence + 1, lease_until = $2
  FROM (SELECT tenant_id, id FROM roster_imports
        WHERE (state = 'planned' AND effective_at <= $1) OR (state = 'applying' AND lease_until < $1)
        ORDER BY effective_at LIMIT 1 FOR UPDATE SKIP LOCKED) due
  WHERE i.tenant_id = due.tenant_id AND i.id = due.id
  RETURNING i.tenant_id AS "tenantId", i.id, i.planned_from AS segment, i.fence`;

/** Imports whose time has come, each for one worker at a time. */
@Injectable()
export class DueImports {
  constructor(
    private readonly admission: AdmissionDatabase,
    private readonly clock: Clock,
  ) {}

  async take(): Promise<TakenImport | undefined> {
    const now = this.clock.now();
    const [taken] = await this.admission.query<TakenImport>(TAKE, [now, new Date(now.getTime() + LEASE_MS)]);
    return taken;
  }
}
