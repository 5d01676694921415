import { Injectable } from '@nestjs/common';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { type AuditActor, type AuditEvent, AuditTrail } from '#libs/audit';
import { TenantDatabase, type TenantScope } from '#libs/database';
import { DomainError, type Segment } from '#libs/kernel';
import { AddressRanges, SegmentPolicies, type SegmentPolicy } from '#libs/tenancy';
import type { CityActor } from '../actor.ts';

/** How a request came in, as its ingress vouched for it. */
export interface Entrance {
  readonly segment: Segment;
  /** The client's address as the ingress saw it. */
  readonly address: string;
}

/** Knocking costs the trail one record in ten minutes, for each who knocks and each city that is knocked at. */
const RECORDED_EVERY_SECONDS = 600;

/** The door of a city's network: whether it is open at all, and to this address. */
@Injectable()
export class SegmentDoor {
  /** By identity: a policy is read together with its actor and remembered with it. */
  private readonly ranges = new WeakMap<SegmentPolicy, AddressRanges>();
  private readonly records = new RateLimiterMemory({ points: 1, duration: RECORDED_EVERY_SECONDS });

  constructor(
    private readonly database: TenantDatabase,
    private readonly policies: SegmentPolicies,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Before any credential is looked at, so that nobody outside can try passwords or make a member wait. A city that does
   * not exist has no door and takes the same steps.
   * @throws DomainError TENANCY.SEGMENT_CLOSED, TENANCY.ADDRESS_REFUSED
   */
  async enter(scope: TenantScope, address: string): Promise<void> {
    const policy = await this.database.run(scope, (tx) => this.policies.find(tx));
    const refusal = policy && this.refusal(policy, address);
    if (!refusal) return;
    await this.record(scope, { type: 'anonymous', id: null }, 'session.refused', refusal, address);
    throw refusal;
  }

  /** At every request of somebody who is known. @throws DomainError TENANCY.SEGMENT_CLOSED, TENANCY.ADDRESS_REFUSED */
  async pass({ scope, policy, type, id }: CityActor, address: string): Promise<void> {
    const refusal = this.refusal(policy, address);
    if (!refusal) return;
    await this.record(scope, { type, id }, 'access.refused', refusal, address);
    throw refusal;
  }

  private refusal(policy: SegmentPolicy, address: string): DomainError | null {
    if (!policy.open) return new DomainError('TENANCY.SEGMENT_CLOSED');
    if (policy.addressRanges.length === 0) return null;
    let ranges = this.ranges.get(policy);
    if (!ranges) this.ranges.set(policy, (ranges = new AddressRanges(policy.addressRanges)));
    return ranges.admit(address) ? null : new DomainError('TENANCY.ADDRESS_REFUSED');
  }

  private async record(
    scope: TenantScope,
    actor: AuditActor,
    action: AuditEvent['action'],
    { code }: DomainError,
    address: string,
  ): Promise<void> {
    const { tenantId, segment } = scope;
    const first = await this.records.consume(`${tenantId}/${segment}/${actor.id}/${code}`).then(
      () => true,
      () => false,
    );
    if (!first) return;
    const event = { action, actor, segment, outcome: 'refused', details: { code, address } } as const;
    await this.database.run(scope, (tx) => this.audit.append(tx, event));
  }
}
