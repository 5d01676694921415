import { Injectable } from '@nestjs/common';
import type { TenantTransaction } from '#libs/database';
import type { MemberActor } from '#libs/identity';
import { ContentAccessDecisions, Handovers, UrgentLane } from '#libs/jobs';
import { Clock, idUnderKey, jstMonthOf } from '#libs/kernel';
import { BudgetNotices, TopUpDesk } from '#libs/metering';
import { MaintenanceNotices, NoticeReads } from '#libs/notices';
import { CityEndings, stepOf } from '#libs/tenancy';
import { presentMaintenance } from '../../http/maintenance-schemas.ts';
import { instant } from '../../http/wire.ts';
import { ManagedDepartments } from '../people/managed-departments.ts';
import type { CityNotice } from './notices.controller.ts';

type Unmarked = CityNotice extends infer Kind ? (Kind extends CityNotice ? Omit<Kind, 'isRead'> : never) : never;

/** Asks each owner of notices for what applies to a member now; none is kept twice (docs/decisions/0031). */
@Injectable()
export class CityNotices {
  constructor(
    private readonly accesses: ContentAccessDecisions,
    private readonly urgentLane: UrgentLane,
    private readonly maintenance: MaintenanceNotices,
    private readonly budgets: BudgetNotices,
    private readonly handovers: Handovers,
    private readonly topUps: TopUpDesk,
    private readonly endings: CityEndings,
    private readonly managed: ManagedDepartments,
    private readonly reads: NoticeReads,
    private readonly clock: Clock,
  ) {}

  async of(tx: TenantTransaction, actor: MemberActor): Promise<CityNotice[]> {
    const found = (
      await Promise.all([
        this.accessesAsked(tx, actor),
        this.topUpsAsked(tx, actor),
        this.endsSoon(tx, actor),
        this.urgentOpenings(tx),
        this.maintenanceToCome(tx),
        this.limitsPassed(tx, actor),
        this.handedOver(tx, actor),
      ])
    ).flat();
    const read = await this.reads.among(
      tx,
      actor.id,
      found.map(({ id }) => id),
    );
    return found.map((notice) => ({ ...notice, isRead: read.has(notice.id) }));
  }

  /** Only to those who can answer. */
  private async accessesAsked(tx: TenantTransaction, { permissions }: MemberActor): Promise<Unmarked[]> {
    if (!permissions.has('content-access:decide')) return [];
    return (await this.accesses.open(tx)).map(({ id, ticket, askedBy, lapsesAt }) => ({
      kind: 'content-access',
      id,
      ticket,
      askedBy,
      lapsesAt: instant(lapsesAt),
    }));
  }

  /** What waits for whoever decides, and what was decided of whoever asked. */
  private async topUpsAsked(tx: TenantTransaction, { id: memberId, permissions }: MemberActor): Promise<Unmarked[]> {
    const decides = permissions.has('top-up:decide');
    if (!decides && !permissions.has('top-up:request')) return [];
    return (await this.topUps.news(tx, memberId, { decides })).map(({ id, departmentName, month, tokens, state }) => ({
      kind: 'top-up',
      ...{ id, departmentName, month, tokens, state },
    }));
  }

  /** To administrators; at the next step it is news again. */
  private async endsSoon(tx: TenantTransaction, { role }: MemberActor): Promise<Unmarked[]> {
    if (role !== 'admin') return [];
    return (await this.endings.own(tx)).map((ending) => ({
      kind: 'ending',
      id: idUnderKey(tx.scope.tenantId, `ending ${ending.kind} ${ending.endsOn} ${stepOf(ending)}`),
      what: ending.kind,
      endsOn: ending.endsOn,
      daysLeft: ending.daysLeft,
    }));
  }

  private async urgentOpenings(tx: TenantTransaction): Promise<Unmarked[]> {
    return (await this.urgentLane.openNow(tx)).map(({ id, reason, endsAt }) => ({
      kind: 'urgent',
      id,
      reason,
      endsAt: instant(endsAt),
    }));
  }

  private async maintenanceToCome(tx: TenantTransaction): Promise<Unmarked[]> {
    return (await this.maintenance.current(tx)).map((notice) => ({
      kind: 'maintenance',
      ...presentMaintenance(notice),
    }));
  }

  private async limitsPassed(tx: TenantTransaction, actor: MemberActor): Promise<Unmarked[]> {
    const departmentIds = await this.managed.of(tx, actor);
    const reader = { memberId: actor.id, ofCity: actor.role === 'admin', departmentIds };
    const notices = await this.budgets.unread(tx, reader, jstMonthOf(this.clock.now()));
    return notices.map(({ id, level, name, month, percent }) => ({ kind: 'budget', id, level, name, month, percent }));
  }

  private async handedOver(tx: TenantTransaction, { id: memberId }: MemberActor): Promise<Unmarked[]> {
    return (await this.handovers.receivedBy(tx, memberId)).map(({ id, from, ...held }) => ({
      kind: 'handover',
      id,
      from,
      conversations: held.conversations,
      batches: held.batches,
      templates: held.templates,
    }));
  }
}
