import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import type { CrossTenantTransaction } from '#libs/database';
import { Clock, DomainError, VENDOR_TENANT_ID, newId } from '#libs/kernel';
import { type CityExitRecord, CityExits } from './city-exits.ts';

type Vendor = AuditActor & { readonly id: string };

/**
 * What the scan after a removal found and is not of the city: a name like one of its people's in the vendor's own books.
 * One person says so and why, another confirms it; the certificate repeats it. Rows, deliveries and keys are never judged.
 */
@Injectable()
export class FindingJudgements {
  constructor(
    private readonly exits: CityExits,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** Of the texts that were found; said again it stays as it was. @throws DomainError REQUEST.NOT_FOUND (no such finding) */
  async judge(
    tx: CrossTenantTransaction,
    actor: Vendor,
    exitId: string,
    { place, column, reason }: { place: string; column: string; reason: string },
  ): Promise<CityExitRecord> {
    const { city, findings } = await this.exits.get(tx, exitId);
    const finding = findings.find((one) => one.kind === 'name' && one.place === place && one.column === column);
    if (!finding) throw new DomainError('REQUEST.NOT_FOUND');
    const judged = await tx.query(
      `INSERT INTO exit_judgements (tenant_id, id, exit_id, place, column_name, count, texts_sha256, reason, judged_by, judged_at)
       VALUES ($1, $2, $3, $4, $5, $6, decode($7, 'hex'), $8, $9, $10)
       ON CONFLICT (tenant_id, exit_id, place, column_name, texts_sha256) DO NOTHING RETURNING id`,
      [city.id, newId(), exitId, place, column, finding.count, finding.textsSha256, reason, actor.id, this.clock.now()],
    );
    return judged.length === 0
      ? this.exits.get(tx, exitId)
      : this.record(tx, actor, exitId, 'exit.finding-judged', { place, column, count: finding.count, reason });
  }

  /** @throws DomainError REQUEST.NOT_FOUND, EXITS.SAME_PERSON, EXITS.STEP_NOT_POSSIBLE (confirmed already) */
  async confirm(
    tx: CrossTenantTransaction,
    actor: Vendor,
    exitId: string,
    judgementId: string,
  ): Promise<CityExitRecord> {
    const [judgement] = await tx.query<{ place: string; column: string; judgedBy: string }>(
      `SELECT place, column_name AS column, judged_by AS "judgedBy" FROM exit_judgements WHERE exit_id = $1 AND id = $2`,
      [exitId, judgementId],
    );
    if (!judgement) throw new DomainError('REQUEST.NOT_FOUND');
    const { place, column, judgedBy } = judgement;
    if (judgedBy === actor.id) throw new DomainError('EXITS.SAME_PERSON');
    const confirmed = await tx.query(
      `UPDATE exit_judgements SET confirmed_by = $2, confirmed_at = $3 WHERE id = $1 AND confirmed_at IS NULL RETURNING id`,
      [judgementId, actor.id, this.clock.now()],
    );
    if (confirmed.length === 0) throw new DomainError('EXITS.STEP_NOT_POSSIBLE');
    return this.record(tx, actor, exitId, 'exit.finding-confirmed', { place, column });
  }

  /** In the vendor's chain: that of the city is gone. */
  private async record(
    tx: CrossTenantTransaction,
    actor: Vendor,
    exitId: string,
    action: string,
    finding: Record<string, string | number>,
  ): Promise<CityExitRecord> {
    const exit = await this.exits.get(tx, exitId);
    await tx.actOn(VENDOR_TENANT_ID);
    await this.audit.append(tx, {
      action,
      actor: { type: actor.type, id: actor.id },
      subject: { type: 'city', id: exit.city.id },
      details: { exitId, code: exit.city.code, ...finding },
    });
    return exit;
  }
}
