import { Injectable } from '@nestjs/common';
import type { AuditActor } from '#libs/audit';
import { OpsDatabase } from '#libs/database';
import { FirstAdmin } from '#libs/identity';
import { Clock, jstMonthOf } from '#libs/kernel';
import { BudgetBook } from '#libs/metering';
import { type City, CityRegistry } from '#libs/tenancy';

export interface NewCity {
  readonly code: string;
  readonly name: string;
  readonly monthlyLimitTokens: number;
  readonly firstAdmin: { readonly loginId: string; readonly displayName: string };
}

/** Takes a city on: the city, its budget of this month and its first administrator, all or nothing. */
@Injectable()
export class CityOnboarding {
  constructor(
    private readonly database: OpsDatabase,
    private readonly cities: CityRegistry,
    private readonly firstAdmin: FirstAdmin,
    private readonly budgets: BudgetBook,
    private readonly clock: Clock,
  ) {}

  /** @returns the administrator's first password too, once; @throws DomainError TENANCY.CODE_INVALID, TENANCY.CODE_TAKEN */
  async onboard(actor: AuditActor, newCity: NewCity): Promise<{ city: City; initialPassword: string }> {
    const { password, hash } = await this.firstAdmin.makePassword();
    const city = await this.database.run(async (tx) => {
      const registered = await this.cities.register(tx, newCity);
      const month = jstMonthOf(this.clock.now());
      await this.budgets.openFirst(tx, registered.id, month, newCity.monthlyLimitTokens);
      // Administration happens on the LGWAN network; members of the other one are made there.
      const admin = { ...newCity.firstAdmin, segment: 'lgwan' } as const;
      await this.firstAdmin.create(tx, registered.id, admin, hash);
      await this.cities.record(tx, actor, 'city.registered', registered, {
        monthlyLimitTokens: newCity.monthlyLimitTokens,
      });
      return registered;
    });
    return { city, initialPassword: password };
  }
}
