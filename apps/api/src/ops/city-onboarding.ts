import { Injectable } from '@nestjs/common';
import type { AuditActor } from '#libs/audit';
import { type CrossTenantTransaction, OpsDatabase } from '#libs/database';
import { FirstAdmin, Invitations, type IssuedInvitation } from '#libs/identity';
import { Clock, DomainError, type Segment, type TenantId, idUnderKey, jstMonthOf, tenantId } from '#libs/kernel';
import { BudgetBook } from '#libs/metering';
import {
  type City,
  CityOnboardings,
  CityRegistry,
  type ContractWish,
  SegmentPolicies,
  type SegmentPolicy,
} from '#libs/tenancy';

export interface NewCity {
  readonly code: string;
  readonly name: string;
  readonly monthlyLimitTokens: number;
  /** Last JST day of a trial, which needs no contract. */
  readonly trialEndsOn?: string | null | undefined;
  readonly contractWish?: ContractWish | null | undefined;
  readonly segments?: readonly Pick<SegmentPolicy, 'segment' | 'open' | 'addressRanges' | 'models' | 'retentionDays'>[];
  readonly firstAdmin: { readonly loginId: string; readonly displayName: string; readonly segment?: Segment };
}

export interface OnboardOptions {
  /** Sent again under the same key it is the same city, with an invitation anew while nobody has accepted one. */
  readonly key?: string | undefined;
  /** The operator's notes it comes from. */
  readonly onboardingId?: string;
}

export interface Onboarded {
  readonly city: City;
  /** For the first administrator; null once one has come. */
  readonly invitation: IssuedInvitation | null;
}

/** Takes a city on: the city, its networks, its budget of this month and its first administrator, all or nothing. */
@Injectable()
export class CityOnboarding {
  constructor(
    private readonly database: OpsDatabase,
    private readonly cities: CityRegistry,
    private readonly policies: SegmentPolicies,
    private readonly onboardings: CityOnboardings,
    private readonly firstAdmin: FirstAdmin,
    private readonly invitations: Invitations,
    private readonly budgets: BudgetBook,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws DomainError TENANCY.CODE_INVALID, TENANCY.CODE_TAKEN, TENANCY.TRIAL_INVALID, TENANCY.ADDRESS_RANGE_INVALID,
   *   CONTRACTS.PLAN_UNKNOWN, REQUEST.IDEMPOTENCY_MISMATCH, REQUEST.NOT_FOUND (the notes)
   */
  onboard(actor: AuditActor, newCity: NewCity, { key, onboardingId }: OnboardOptions = {}): Promise<Onboarded> {
    const id = key === undefined ? undefined : tenantId(idUnderKey(actor.id ?? '', `cities ${key}`));
    return this.database.run(async (tx) => {
      if (onboardingId !== undefined) await this.onboardings.get(tx, onboardingId, 'FOR UPDATE');
      const earlier = id && (await this.madeBefore(tx, id, newCity));
      if (earlier) return { city: earlier, invitation: await this.inviteAgain(tx, actor, earlier.id) };
      const { code, name, trialEndsOn = null, contractWish = null, monthlyLimitTokens } = newCity;
      const city = await this.cities.register(tx, { ...(id && { id }), code, name, trialEndsOn });
      for (const { segment, ...policy } of newCity.segments ?? []) await this.policies.write(tx, segment, policy);
      await this.budgets.openFirst(tx, city.id, jstMonthOf(this.clock.now()), monthlyLimitTokens);
      await this.onboardings.conclude(tx, { id: onboardingId, cityId: city.id, wish: contractWish });
      // Administration happens on the LGWAN network unless the city has none.
      const admin = { segment: 'lgwan' as const, ...newCity.firstAdmin };
      const memberId = await this.firstAdmin.create(tx, city.id, admin, null);
      await this.cities.record(tx, actor, 'city.registered', city, {
        monthlyLimitTokens,
        trialEndsOn,
        planId: contractWish?.planId ?? null,
      });
      await tx.actOn(city.id);
      return { city, invitation: await this.invitations.issue(tx, actor, memberId) };
    });
  }

  /**
   * A new invitation for the administrator who has not come; older ones end.
   * @throws DomainError REQUEST.NOT_FOUND, TENANCY.ADMIN_CAME
   */
  async invite(actor: AuditActor, id: string): Promise<IssuedInvitation> {
    return this.database.run(async (tx) => {
      const city = await this.cities.get(tx, id);
      await tx.actOn(city.id);
      const invitation = await this.inviteAgain(tx, actor, city.id);
      if (!invitation) throw new DomainError('TENANCY.ADMIN_CAME');
      await this.cities.record(tx, actor, 'city.admin-invited', city);
      return invitation;
    });
  }

  private async inviteAgain(
    tx: CrossTenantTransaction,
    actor: AuditActor,
    city: TenantId,
  ): Promise<IssuedInvitation | null> {
    await tx.actOn(city);
    const memberId = await this.firstAdmin.findAwaited(tx);
    return memberId === null ? null : this.invitations.issue(tx, actor, memberId);
  }

  private async madeBefore(tx: CrossTenantTransaction, id: TenantId, newCity: NewCity): Promise<City | null> {
    const city = await this.cities.find(tx, id);
    if (city && (city.code !== newCity.code || city.name !== newCity.name))
      throw new DomainError('REQUEST.IDEMPOTENCY_MISMATCH');
    return city;
  }
}
