import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import { type TenantTransaction, refusedWith } from '#libs/database';
import { Clock, DomainError, type ErrorCode } from '#libs/kernel';
import type { Belongings } from './ownerless-content.ts';

type Member = AuditActor & { readonly id: string };
type Moved = Omit<Belongings, 'memberId'>;

/** All that somebody left on a network, given to another at once. */
export interface Handover extends Moved {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Null: the city's rule. */
  readonly decidedBy: string | null;
  readonly reason: string | null;
  readonly handedAt: Date;
  readonly takenBackAt: Date | null;
}

export interface NewHandover {
  readonly id: string;
  readonly from: string;
  /** Key of the new owner's login id. */
  readonly toLoginIdKey: string;
  readonly reason: string;
}

/** As take_back() knows it. */
export const TAKE_BACK_DAYS = 30;
const DAY_MS = 86_400_000;

/** SQLSTATEs of hand_over() and take_back(). */
const REFUSALS: Readonly<Record<string, ErrorCode>> = {
  MH001: 'HANDOVERS.OWNER_PRESENT',
  MH002: 'HANDOVERS.HEIR_NOT_PRESENT',
  MH003: 'HANDOVERS.NOTHING_LEFT',
  MH004: 'HANDOVERS.TAKE_BACK_OVER',
};

const SELECT = `
  SELECT h.id, f.display_name AS "from", t.display_name AS "to", d.display_name AS "decidedBy", h.reason, h.conversations,
    h.batches, h.templates, h.handed_at AS "handedAt", h.taken_back_at AS "takenBackAt"
  FROM handovers h
  JOIN members f ON f.tenant_id = h.tenant_id AND f.id = h.from_member
  JOIN members t ON t.tenant_id = h.tenant_id AND t.id = h.to_member
  LEFT JOIN members d ON d.tenant_id = h.tenant_id AND d.id = h.decided_by
  WHERE h.tenant_id = $1`;

/**
 * Gives what former owners left to somebody who is there, on the same network, and undoes it (docs/decisions/0035). Who
 * decides reads nothing of it and gets nothing of it; the new owner reads it as their own.
 */
@Injectable()
export class Handovers {
  constructor(
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** The newest first. @param page.before id of the last one of the page before */
  list(tx: TenantTransaction, { before, limit }: { before: string | null; limit: number }): Promise<Handover[]> {
    return tx.query<Handover>(
      `${SELECT} AND ($2::uuid IS NULL OR (h.handed_at, h.id) < (
         SELECT last.handed_at, last.id FROM handovers last WHERE last.tenant_id = $1 AND last.id = $2))
       ORDER BY h.handed_at DESC, h.id DESC LIMIT $3`,
      [tx.scope.tenantId, before, limit],
    );
  }

  /** What a member was given, for as long as it can be taken back. */
  receivedBy(tx: TenantTransaction, memberId: string): Promise<Handover[]> {
    const since = new Date(this.clock.now().getTime() - TAKE_BACK_DAYS * DAY_MS);
    return tx.query<Handover>(
      `${SELECT} AND h.to_member = $2 AND h.handed_at > $3 AND h.taken_back_at IS NULL ORDER BY h.handed_at DESC`,
      [tx.scope.tenantId, memberId, since],
    );
  }

  /**
   * Asked for again under the same id it is the same. @throws DomainError REQUEST.NOT_FOUND (no such member),
   * HANDOVERS.OWNER_PRESENT, HANDOVERS.HEIR_NOT_PRESENT, HANDOVERS.TO_ONESELF, HANDOVERS.NOTHING_LEFT
   */
  async handOver(tx: TenantTransaction, actor: Member, wish: NewHandover): Promise<Handover> {
    const { id, from, toLoginIdKey, reason } = wish;
    const [known] = await this.find(tx, id);
    if (known) return known;
    const [former] = await tx.query('SELECT 1 FROM members WHERE tenant_id = $1 AND id = $2', [
      tx.scope.tenantId,
      from,
    ]);
    if (!former) throw new DomainError('REQUEST.NOT_FOUND');
    const [heir] = await tx.query<{ id: string }>('SELECT id FROM members WHERE tenant_id = $1 AND login_id_key = $2', [
      tx.scope.tenantId,
      toLoginIdKey,
    ]);
    if (!heir) throw new DomainError('HANDOVERS.HEIR_NOT_PRESENT');
    if (heir.id === actor.id) throw new DomainError('HANDOVERS.TO_ONESELF');
    await this.give(tx, actor, { id, from, to: heir.id, reason });
    return (await this.find(tx, id))[0]!;
  }

  /** By the city's rule. @throws DomainError as handOver() */
  async followRule(tx: TenantTransaction, whom: { id: string; from: string; to: string }): Promise<void> {
    await this.give(tx, { type: 'system', id: null }, { ...whom, reason: null });
  }

  /**
   * Gives back what the new owner has not gone on with; the rest stays theirs.
   * @returns what went back; @throws DomainError REQUEST.NOT_FOUND, HANDOVERS.TAKE_BACK_OVER
   */
  async takeBack(tx: TenantTransaction, actor: Member, id: string): Promise<Moved> {
    if ((await this.find(tx, id)).length === 0) throw new DomainError('REQUEST.NOT_FOUND');
    const moved = await refusing(
      tx.query<Moved>('SELECT conversations, batches, templates FROM take_back($1, $2, $3)', [
        id,
        actor.id,
        this.clock.now(),
      ]),
    );
    await this.record(tx, 'content.taken-back', actor, { type: 'handover', id }, moved);
    return moved;
  }

  private find(tx: TenantTransaction, id: string): Promise<Handover[]> {
    return tx.query<Handover>(`${SELECT} AND h.id = $2`, [tx.scope.tenantId, id]);
  }

  private async give(
    tx: TenantTransaction,
    actor: AuditActor,
    { id, from, to, reason }: { id: string; from: string; to: string; reason: string | null },
  ): Promise<void> {
    const moved = await refusing(
      tx.query<Moved>('SELECT conversations, batches, templates FROM hand_over($1, $2, $3, $4, $5, $6)', [
        id,
        from,
        to,
        actor.id,
        reason,
        this.clock.now(),
      ]),
    );
    await this.record(tx, 'content.handed-over', actor, { type: 'member', id: from }, { handoverId: id, to, ...moved });
  }

  private record(
    tx: TenantTransaction,
    action: string,
    { type, id }: AuditActor,
    subject: { readonly type: string; readonly id: string },
    details: Readonly<Record<string, string | number>>,
  ): Promise<void> {
    return this.audit.append(tx, { action, actor: { type, id }, segment: tx.scope.segment, subject, details });
  }
}

async function refusing(asked: Promise<Moved[]>): Promise<Moved> {
  try {
    return { ...(await asked)[0]! };
  } catch (error) {
    for (const [sqlstate, code] of Object.entries(REFUSALS))
      if (refusedWith(error, sqlstate)) throw new DomainError(code, { cause: error });
    throw error;
  }
}
