import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { AdmissionDatabase, TenantDatabase, type TenantScope } from '#libs/database';
import { Clock, type TenantId } from '#libs/kernel';
import { BudgetKeeper } from '#libs/metering';
import { Log, Metrics } from '#libs/observability';

/**
 * Held past its time for work that is over. What is over stays over, so nothing can come to life between this look and the
 * release; work that goes on keeps what it holds, however old.
 */
const STALE = `
  SELECT r.tenant_id AS "tenantId", r.subject_type AS "type", array_agg(r.subject_id) AS ids
  FROM reservations r
  WHERE r.state = 'held' AND r.expires_at <= $1 AND CASE r.subject_type
    WHEN 'job' THEN NOT EXISTS (
      SELECT FROM jobs j WHERE j.tenant_id = r.tenant_id AND j.id = r.subject_id AND j.status IN ('queued', 'running'))
    WHEN 'lost_call' THEN NOT EXISTS (
      SELECT FROM lost_calls c WHERE c.tenant_id = r.tenant_id AND c.id = r.subject_id AND c.resolved_at IS NULL)
    END
  GROUP BY 1, 2 ORDER BY 1, 2`;

/** Reservations are the city's, of whatever network; a transaction has to name one. */
const ANY_SEGMENT: TenantScope['segment'] = 'lgwan';

interface Stale {
  readonly tenantId: TenantId;
  readonly type: string;
  readonly ids: readonly string[];
}

/**
 * Gives back what work that is over still holds. Work ends its own reservation; this is the net under it, so that a defect
 * costs a city some days of room, not all of it, and never the close of its month.
 */
@Injectable()
export class ReservationSweeper {
  private readonly swept;

  constructor(
    private readonly admission: AdmissionDatabase,
    private readonly database: TenantDatabase,
    private readonly budget: BudgetKeeper,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
    private readonly log: Log,
    metrics: Metrics,
  ) {
    this.swept = metrics.counter(
      'moyai_reservations_swept_total',
      'Reservations given back because their work had ended without them: each is a defect',
    );
  }

  /** @returns how many were given back */
  async sweep(): Promise<number> {
    let swept = 0;
    for (const stale of await this.admission.query<Stale>(STALE, [this.clock.now()]))
      swept += await this.giveBack(stale);
    return swept;
  }

  private async giveBack({ tenantId, type, ids }: Stale): Promise<number> {
    const released = await this.database.run({ tenantId, segment: ANY_SEGMENT }, async (tx) => {
      const subjects = ids.map((id) => ({ type, id }));
      const { reservations, tokens } = await this.budget.releaseAll(tx, subjects, this.clock.now());
      if (reservations > 0)
        await this.audit.append(tx, {
          action: 'budget.reservations-swept',
          actor: { type: 'system', id: null },
          details: { reservations, tokens },
        });
      return reservations;
    });
    if (released > 0) this.log.error('reservations.swept', { tenantId, type, released, exampleId: ids[0] });
    this.swept.inc(released);
    return released;
  }
}
