import { Injectable } from '@nestjs/common';
import type { AuditActor } from '#libs/audit';
import { type CrossTenantTransaction, OpsDatabase } from '#libs/database';
import { FirstAdmin, InvitationMails, Invitations, type IssuedInvitation } from '#libs/identity';
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
  readonly firstAdmin: {
    readonly loginId: string;
    readonly displayName: string;
    readonly segment?: Segment;
    /** Where the invitation is mailed to, where mails are sent. */
    readonly mailAddress?: string | null | undefined;
  };
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

interface Invited {
  readonly memberId: string;
  readonly invitation: IssuedInvitation;
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
    private readonly invitationMails: InvitationMails,
    private readonly budgets: BudgetBook,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws DomainError TENANCY.CODE_INVALID, TENANCY.CODE_TAKEN, TENANCY.TRIAL_INVALID, TENANCY.ADDRESS_RANGE_INVALID,
   *   CONTRACTS.PLAN_UNKNOWN, REQUEST.IDEMPOTENCY_MISMATCH, REQUEST.NOT_FOUND (the notes)
   */
  async onboard(actor: AuditActor, newCity: NewCity, { key, onboardingId }: OnboardOptions = {}): Promise<Onboarded> {
    const id = key === undefined ? undefined : tenantId(idUnderKey(actor.id ?? '', `cities ${key}`));
    const { city, invited } = await this.database.run(async (tx) => {
      if (onboardingId !== undefined) await this.onboardings.get(tx, onboardingId, 'FOR UPDATE');
      const earlier = id && (await this.madeBefore(tx, id, newCity));
      if (earlier) return { city: earlier, invited: await this.inviteAgain(tx, actor, earlier.id) };
      return this.register(tx, actor, newCity, { id, onboardingId });
    });
    return { city, invitation: invited && (await this.mail(city.id, invited)) };
  }

  private async register(
    tx: CrossTenantTransaction,
    actor: AuditActor,
    newCity: NewCity,
    { id, onboardingId }: { id: TenantId | undefined; onboardingId: string | undefined },
  ): Promise<{ city: City; invited: Invited }> {
    const { code, name, trialEndsOn = null, contractWish = null, monthlyLimitTokens } = newCity;
    const city = await this.cities.register(tx, { ...(id && { id }), code, name, trialEndsOn });
    for (const { segment, ...policy } of newCity.segments ?? []) await this.policies.write(tx, segment, policy);
    await this.budgets.openFirst(tx, city.id, jstMonthOf(this.clock.now()), monthlyLimitTokens);
    await this.onboardings.conclude(tx, { id: onboardingId, cityId: city.id, wish: contractWish });
    // Administration happens on the LGWAN network unless the city has none.
    const { mailAddress = null, ...admin } = { segment: 'lgwan' as const, ...newCity.firstAdmin };
    const memberId = await this.firstAdmin.create(tx, city.id, { ...admin, mailAddress }, null);
    await this.cities.record(tx, actor, 'city.registered', city, {
      monthlyLimitTokens,
      trialEndsOn,
      planId: contractWish?.planId ?? null,
    });
    await tx.actOn(city.id);
    return { city, invited: { memberId, invitation: await this.invitations.issue(tx, actor, memberId) } };
  }

  /**
   * A new invitation for the administrator who has not come; older ones end.
   * @throws DomainError REQUEST.NOT_FOUND, TENANCY.ADMIN_CAME
   */
  async invite(actor: AuditActor, id: string): Promise<IssuedInvitation> {
    const { city, invited } = await this.database.run(async (tx) => {
      const found = await this.cities.get(tx, id);
      await tx.actOn(found.id);
      const again = await this.inviteAgain(tx, actor, found.id);
      if (!again) throw new DomainError('TENANCY.ADMIN_CAME');
      await this.cities.record(tx, actor, 'city.admin-invited', found);
      return { city: found, invited: again };
    });
    return this.mail(city.id, invited);
  }

  private async mail(city: TenantId, { memberId, invitation }: Invited): Promise<IssuedInvitation> {
    return { ...invitation, mailed: await this.invitationMails.send(city, { memberId, ...invitation }) };
  }

  private async inviteAgain(tx: CrossTenantTransaction, actor: AuditActor, city: TenantId): Promise<Invited | null> {
    await tx.actOn(city);
    const memberId = await this.firstAdmin.findAwaited(tx);
    return memberId === null ? null : { memberId, invitation: await this.invitations.issue(tx, actor, memberId) };
  }

  private async madeBefore(tx: CrossTenantTransaction, id: TenantId, newCity: NewCity): Promise<City | null> {
    const city = await this.cities.find(tx, id);
    if (city && (city.code !== newCity.code || city.name !== newCity.name))
      throw new DomainError('REQUEST.IDEMPOTENCY_MISMATCH');
    return city;
  }
}
