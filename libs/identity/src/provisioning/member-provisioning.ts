import { Injectable } from '@nestjs/common';
import type { AuditActor } from '#libs/audit';
import { TenantDatabase, type TenantScope } from '#libs/database';
import { MemberAdministration } from '../members/member-administration.ts';
import { type ProvisionedGroup, ProvisionedGroups } from './provisioned-groups.ts';
import { type ProvisionedFacts, type ProvisionedMember, ProvisionedMembers } from './provisioned-members.ts';

/** What a city's identity provider does to members: each act in its transaction, the sessions told after it. */
@Injectable()
export class MemberProvisioning {
  constructor(
    private readonly database: TenantDatabase,
    private readonly members: ProvisionedMembers,
    private readonly groups: ProvisionedGroups,
    private readonly administration: MemberAdministration,
  ) {}

  /** @throws DomainError see ProvisionedMembers.create */
  create(scope: TenantScope, actor: AuditActor, facts: ProvisionedFacts): Promise<ProvisionedMember> {
    return this.database.run(scope, (tx) => this.members.create(tx, actor, facts));
  }

  /**
   * @param next from what the member is, while nobody else can change it; what it throws is thrown
   * @throws DomainError see ProvisionedMembers.replace
   */
  async change(
    scope: TenantScope,
    actor: AuditActor,
    id: string,
    next: (present: ProvisionedMember) => ProvisionedFacts | Promise<ProvisionedFacts>,
  ): Promise<ProvisionedMember> {
    const changed = await this.database.run(scope, async (tx) => {
      const present = await this.members.hold(tx, id);
      return this.members.replace(tx, actor, present, await next(present));
    });
    this.administration.announce(scope, id);
    return changed;
  }

  /** @param check may throw to refuse; @throws DomainError see ProvisionedMembers.remove */
  async remove(
    scope: TenantScope,
    actor: AuditActor,
    id: string,
    check: (present: ProvisionedMember) => void,
  ): Promise<void> {
    await this.database.run(scope, async (tx) => {
      const present = await this.members.hold(tx, id);
      check(present);
      await this.members.remove(tx, actor, present);
    });
    this.administration.announce(scope, id);
  }

  /** @param next the members it shall have; @throws DomainError see ProvisionedGroups.regroup */
  async regroup(
    scope: TenantScope,
    actor: AuditActor,
    id: string,
    next: (present: ProvisionedGroup) => readonly string[] | Promise<readonly string[]>,
  ): Promise<ProvisionedGroup> {
    const { moved, group } = await this.database.run(scope, async (tx) => {
      const present = await this.groups.hold(tx, id);
      const moves = await this.groups.regroup(tx, actor, present, await next(present));
      return { moved: moves, group: await this.groups.get(tx, id) };
    });
    for (const memberId of moved) this.administration.announce(scope, memberId);
    return group;
  }
}
