import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import type { TenantTransaction } from '#libs/database';
import { Clock, DomainError, jstDayOf } from '#libs/kernel';
import { type CityExit, EXIT_COLUMNS, deleteFromOf } from './city-exit.ts';

type Member = AuditActor & { readonly id: string };

/** What a city sees of its own exit, and what it decides: that it leaves, and that it has its data. */
@Injectable()
export class OwnExit {
  constructor(
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** The exit under way, or null. */
  async find(tx: TenantTransaction): Promise<CityExit | null> {
    const [exit] = await tx.query<CityExit>(
      `SELECT ${EXIT_COLUMNS} FROM city_exits e WHERE e.tenant_id = $1 AND e.state <> 'withdrawn'`,
      [tx.scope.tenantId],
    );
    return exit ?? null;
  }

  /** The city's part of two parties' decision. @throws DomainError REQUEST.NOT_FOUND, EXITS.STEP_NOT_POSSIBLE */
  async agree(tx: TenantTransaction, member: Member): Promise<CityExit> {
    await this.step(tx, `state = 'planned' AND agreed_at IS NULL`, 'agreed_by = $2, agreed_at = $3', [
      member.id,
      this.clock.now(),
    ]);
    return this.record(tx, member, 'exit.agreed');
  }

  /** The administrator says that the city has its data: from here the waiting period runs. @throws DomainError as {@link agree} */
  async receive(tx: TenantTransaction, member: Member): Promise<CityExit> {
    const exit = await this.find(tx);
    if (!exit) throw new DomainError('REQUEST.NOT_FOUND');
    const now = this.clock.now();
    await this.step(tx, `state = 'exported'`, `state = 'waiting', handed_over_at = $2, delete_from = $3`, [
      now,
      deleteFromOf(exit, jstDayOf(now)),
    ]);
    return this.record(tx, member, 'exit.received');
  }

  private async step(tx: TenantTransaction, when: string, set: string, values: unknown[]): Promise<void> {
    const changed = await tx.query(
      `UPDATE city_exits SET ${set} WHERE tenant_id = $1 AND state <> 'withdrawn' AND ${when} RETURNING id`,
      [tx.scope.tenantId, ...values],
    );
    if (changed.length > 0) return;
    throw new DomainError((await this.find(tx)) ? 'EXITS.STEP_NOT_POSSIBLE' : 'REQUEST.NOT_FOUND');
  }

  private async record(tx: TenantTransaction, actor: Member, action: string): Promise<CityExit> {
    const exit = (await this.find(tx))!;
    await this.audit.append(tx, {
      action,
      actor,
      segment: tx.scope.segment,
      subject: { type: 'city-exit', id: exit.id },
      details: { deleteFrom: exit.deleteFrom },
    });
    return exit;
  }
}
