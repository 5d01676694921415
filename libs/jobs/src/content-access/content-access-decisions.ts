import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import type { TenantTransaction } from '#libs/database';
import { Clock, DomainError } from '#libs/kernel';
import { CONTENT_ACCESS_COLUMNS, type ContentAccess, stateOf } from './content-access.ts';

/** As the city sees it, which also keeps who of its own people decided and ended it. */
export interface CityContentAccess extends ContentAccess {
  readonly decidedBy: string | null;
  readonly endedByName: string | null;
}

export interface ContentAccessDecision {
  readonly approved: boolean;
  /** Why; a refusal needs one. */
  readonly note: string | null;
}

type Member = AuditActor & { readonly id: string };

const SELECT = `SELECT ${CONTENT_ACCESS_COLUMNS}, decider.display_name AS "decidedBy", ender.display_name AS "endedByName"
  FROM content_accesses a JOIN tenants t ON t.id = a.tenant_id
  LEFT JOIN members decider ON decider.tenant_id = a.tenant_id AND decider.id = a.decided_by
  LEFT JOIN members ender ON ender.tenant_id = a.tenant_id AND ender.id = a.ended_by_member`;

/** The city's side of an access: letting it be, or not, and ending it at any moment. Of all its segments (ADR 0006). */
@Injectable()
export class ContentAccessDecisions {
  constructor(
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** Newest first. @param page.before id of the last one of the page before */
  list(tx: TenantTransaction, { before, limit }: { before: string | null; limit: number }) {
    return tx.query<CityContentAccess>(
      `${SELECT} WHERE $1::uuid IS NULL OR (a.asked_at, a.id) < (
         SELECT last.asked_at, last.id FROM content_accesses last WHERE last.id = $1)
       ORDER BY a.asked_at DESC, a.id DESC LIMIT $2`,
      [before, limit],
    );
  }

  /** Those that wait for an answer. */
  async open(tx: TenantTransaction): Promise<CityContentAccess[]> {
    return tx.query<CityContentAccess>(
      `${SELECT} WHERE a.decision IS NULL AND a.ended_at IS NULL AND a.lapses_at > $1 ORDER BY a.asked_at, a.id`,
      [this.clock.now()],
    );
  }

  /** @throws DomainError REQUEST.NOT_FOUND */
  async get(tx: TenantTransaction, id: string): Promise<CityContentAccess> {
    const [access] = await tx.query<CityContentAccess>(`${SELECT} WHERE a.id = $1`, [id]);
    if (!access) throw new DomainError('REQUEST.NOT_FOUND');
    return access;
  }

  /**
   * Once; from an approval on the time runs.
   * @throws DomainError REQUEST.NOT_FOUND, CONTENT_ACCESS.ALREADY_DECIDED (also when it lapsed or was taken back)
   */
  async decide(tx: TenantTransaction, member: Member, id: string, { approved, note }: ContentAccessDecision) {
    const decided = await tx.query(
      `UPDATE content_accesses SET decision = $2, decided_by = $3, decided_at = $4, decision_note = $5,
         ends_at = CASE $2 WHEN 'approved' THEN $4 + make_interval(mins => minutes) END
       WHERE id = $1 AND decision IS NULL AND ended_at IS NULL AND lapses_at > $4 RETURNING id`,
      [id, approved ? 'approved' : 'refused', member.id, this.clock.now(), note],
    );
    const access = await this.get(tx, id);
    if (decided.length === 0) throw new DomainError('CONTENT_ACCESS.ALREADY_DECIDED');
    await this.record(tx, member, access, approved ? 'content-access.approved' : 'content-access.refused');
    return access;
  }

  /** @throws DomainError REQUEST.NOT_FOUND, CONTENT_ACCESS.OVER */
  async end(tx: TenantTransaction, member: Member, id: string): Promise<CityContentAccess> {
    const now = this.clock.now();
    await tx.query('SELECT FROM content_accesses WHERE id = $1 FOR UPDATE', [id]);
    if (stateOf(await this.get(tx, id), now) !== 'approved') throw new DomainError('CONTENT_ACCESS.OVER');
    await tx.query('UPDATE content_accesses SET ended_at = $2, ended_by_member = $3 WHERE id = $1', [
      id,
      now,
      member.id,
    ]);
    const access = await this.get(tx, id);
    await this.record(tx, member, access, 'content-access.ended');
    return access;
  }

  private record(tx: TenantTransaction, { type, id }: Member, access: ContentAccess, action: string): Promise<void> {
    return this.audit.append(tx, {
      action,
      actor: { type, id },
      segment: access.segment,
      subject: { type: 'content-access', id: access.id },
      details: { ticket: access.ticket, minutes: access.minutes },
    });
  }
}
