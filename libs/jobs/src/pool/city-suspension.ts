import { Injectable } from '@nestjs/common';
import type { AuditActor } from '#libs/audit';
import type { CrossTenantTransaction } from '#libs/database';
import { type City, CityRegistry } from '#libs/tenancy';
import { COPY_TO_LINES } from './city-shares.ts';

/** What becomes of a city's jobs that run when it is suspended: they come to their end, or are stopped and billed so far. */
export type RunningJobs = 'finish' | 'cancel';

/**
 * Takes a city out of service and back, by the ops role. What waits stays waiting, outside of the line, with its budget
 * reserved (docs/decisions/0029). The caller then tells CityAccess, and admission by {@link Suspensions}.
 */
@Injectable()
export class CitySuspension {
  constructor(private readonly cities: CityRegistry) {}

  /** @throws DomainError REQUEST.NOT_FOUND, TENANCY.STATUS_CHANGED when it is not in service */
  async suspend(
    tx: CrossTenantTransaction,
    actor: AuditActor,
    id: string,
    { reason, running }: { reason: string; running: RunningJobs },
  ): Promise<City> {
    const city = await this.cities.setStatus(tx, id, { from: 'active', to: 'suspended', reason });
    await this.stopAdmission(tx, id, running);
    await this.cities.record(tx, actor, 'city.suspended', city, { reason, running });
    return city;
  }

  /** @throws DomainError REQUEST.NOT_FOUND, TENANCY.STATUS_CHANGED when it is not suspended */
  async resume(tx: CrossTenantTransaction, actor: AuditActor, id: string, reason: string): Promise<City> {
    const city = await this.cities.setStatus(tx, id, { from: 'suspended', to: 'active', reason });
    await this.stopAdmission(tx, id, null);
    await this.cities.record(tx, actor, 'city.resumed', city, { reason });
    return city;
  }

  /** From the commit on nothing of the city is admitted; null lets it in again. */
  async stopAdmission(tx: CrossTenantTransaction, id: string, running: RunningJobs | null): Promise<void> {
    await tx.query('UPDATE admission_shares SET suspension = $2 WHERE tenant_id = $1', [id, running]);
    await tx.query(COPY_TO_LINES, [id]);
  }
}
