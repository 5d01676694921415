import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import { type CrossTenantTransaction, refusedWith } from '#libs/database';
import { Clock, DomainError, type JstMonth, VENDOR_TENANT_ID, idUnderKey, newId } from '#libs/kernel';
import type { MeteredUsage } from '#libs/metering';
import { CHECK_VIOLATION } from '../invoices/invoice.ts';
import { USAGE_COUNTS } from '../usage-counts.ts';

type Vendor = AuditActor & { readonly id: string };

export interface NewCorrection extends MeteredUsage {
  readonly usageRecordId: string;
  readonly reason: string;
}

/** What is added to a usage record, negative for what is taken back. The record itself stays as it was written. */
export interface UsageCorrection extends NewCorrection {
  readonly id: string;
  readonly cityName: string;
  /** Of the call that is corrected. */
  readonly acceptedAt: Date;
  readonly model: string;
  readonly proposedBy: string;
  readonly proposedAt: Date;
  readonly approvedBy: string | null;
  readonly approvedAt: Date | null;
  /** Who took it back before anybody approved it; it changes nothing any more. */
  readonly withdrawnBy: string | null;
  readonly withdrawnAt: Date | null;
  /** The month that bills it; null until approved. */
  readonly billingMonth: JstMonth | null;
}

const SELECT = `
  SELECT x.id, t.name AS "cityName", x.usage_record_id AS "usageRecordId", u.accepted_at AS "acceptedAt", u.model, x.reason,
    p.display_name AS "proposedBy", x.proposed_at AS "proposedAt", a.display_name AS "approvedBy", x.approved_at AS "approvedAt",
    w.display_name AS "withdrawnBy", x.withdrawn_at AS "withdrawnAt", to_char(x.billing_month, 'YYYY-MM') AS "billingMonth",
    ${USAGE_COUNTS.map(([column, name]) => `x.${column}::float8 AS "${name}"`).join(', ')}
  FROM usage_corrections x JOIN tenants t ON t.id = x.tenant_id
  JOIN usage_records u ON u.tenant_id = x.tenant_id AND u.id = x.usage_record_id
  JOIN vendor_users p ON p.id = x.proposed_by LEFT JOIN vendor_users a ON a.id = x.approved_by
  LEFT JOIN vendor_users w ON w.id = x.withdrawn_by`;

/** A record and all its corrections together must not be less than nothing. */
const REST = `
  SELECT ${USAGE_COUNTS.map(([column]) => `u.${column} + coalesce(sum(x.${column}), 0) >= 0`).join(' AND ')} AS possible
  FROM usage_records u LEFT JOIN usage_corrections x ON x.tenant_id = u.tenant_id AND x.usage_record_id = u.id
    AND x.withdrawn_at IS NULL
  WHERE u.id = $1 GROUP BY ${USAGE_COUNTS.map(([column]) => `u.${column}`).join(', ')}`;

/** Corrects usage that was metered wrongly: two people, and a `Correction` line of the next invoice. */
@Injectable()
export class UsageCorrections {
  constructor(
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** Newest first. */
  list(tx: CrossTenantTransaction, { before, limit }: { before: string | null; limit: number }) {
    return tx.query<UsageCorrection>(
      `${SELECT}
       WHERE $1::uuid IS NULL
         OR (x.proposed_at, x.id) < (SELECT proposed_at, id FROM usage_corrections WHERE id = $1)
       ORDER BY x.proposed_at DESC, x.id DESC LIMIT $2`,
      [before, limit],
    );
  }

  /**
   * Puts one before a second person.
   * @param key proposed again under the same key it is the same correction
   * @throws DomainError REQUEST.NOT_FOUND for an unknown record, BILLING.CORRECTION_TOO_LARGE,
   *   REQUEST.IDEMPOTENCY_MISMATCH
   */
  async propose(
    tx: CrossTenantTransaction,
    actor: Vendor,
    correction: NewCorrection,
    key?: string,
  ): Promise<UsageCorrection> {
    const { usageRecordId, reason } = correction;
    const id = key === undefined ? newId() : idUnderKey(actor.id, `usage_corrections ${key}`);
    if (key !== undefined) {
      const earlier = await this.proposedBefore(tx, id, correction);
      if (earlier) return earlier;
    }
    // Two at once could together take back more than there is.
    await lock(tx, `moyai.correction ${usageRecordId}`);
    const added = await tx.query(
      `INSERT INTO usage_corrections (tenant_id, id, usage_record_id, ${USAGE_COUNTS.map(([column]) => column).join(', ')}, reason,
         proposed_by, proposed_at)
       SELECT tenant_id, $1, id, $3, $4, $5, $6, $7, $8, $9, $10, $11 FROM usage_records WHERE id = $2 RETURNING id`,
      [id, usageRecordId, ...USAGE_COUNTS.map(([, name]) => correction[name]), reason, actor.id, this.clock.now()],
    );
    if (added.length === 0) throw new DomainError('REQUEST.NOT_FOUND');
    const [rest] = await tx.query<{ possible: boolean }>(REST, [usageRecordId]);
    if (!rest?.possible) throw new DomainError('BILLING.CORRECTION_TOO_LARGE');
    return this.recorded(tx, actor, id, 'usage-correction.proposed');
  }

  /** From here on it is billed, by the first month that is still open. @throws DomainError REQUEST.NOT_FOUND, BILLING.SAME_PERSON, BILLING.STEP_NOT_POSSIBLE */
  async approve(tx: CrossTenantTransaction, actor: Vendor, id: string): Promise<UsageCorrection> {
    const approved = await tx
      .query(
        // usage_rating() shares the month's lock until the commit, so the close sees the correction or it comes later
        `UPDATE usage_corrections x SET approved_by = $2, approved_at = $3,
           billing_month = (SELECT r.billing_month FROM usage_rating(u.model, u.accepted_at) r)
         FROM usage_records u
         WHERE x.id = $1 AND x.approved_at IS NULL AND x.withdrawn_at IS NULL AND u.tenant_id = x.tenant_id AND u.id = x.usage_record_id
         RETURNING x.id`,
        [id, actor.id, this.clock.now()],
      )
      .catch((error: unknown) => {
        if (refusedWith(error, CHECK_VIOLATION)) throw new DomainError('BILLING.SAME_PERSON', { cause: error });
        throw error;
      });
    if (approved.length > 0) return this.recorded(tx, actor, id, 'usage-correction.approved');
    await this.get(tx, id);
    throw new DomainError('BILLING.STEP_NOT_POSSIBLE');
  }

  /** Takes back what nobody has approved yet: whoever proposed it, or a colleague. @throws DomainError REQUEST.NOT_FOUND, BILLING.STEP_NOT_POSSIBLE */
  async withdraw(tx: CrossTenantTransaction, actor: Vendor, id: string): Promise<UsageCorrection> {
    const withdrawn = await tx.query(
      `UPDATE usage_corrections SET withdrawn_by = $2, withdrawn_at = $3
       WHERE id = $1 AND approved_at IS NULL AND withdrawn_at IS NULL RETURNING id`,
      [id, actor.id, this.clock.now()],
    );
    if (withdrawn.length > 0) return this.recorded(tx, actor, id, 'usage-correction.withdrawn');
    await this.get(tx, id);
    throw new DomainError('BILLING.STEP_NOT_POSSIBLE');
  }

  private async proposedBefore(
    tx: CrossTenantTransaction,
    id: string,
    wanted: NewCorrection,
  ): Promise<UsageCorrection | undefined> {
    await lock(tx, `moyai.correction ${id}`);
    const [earlier] = await tx.query<UsageCorrection>(`${SELECT} WHERE x.id = $1`, [id]);
    const isSame = (name: keyof NewCorrection) => earlier?.[name] === wanted[name];
    if (earlier && !(['usageRecordId', 'reason', ...USAGE_COUNTS.map(([, name]) => name)] as const).every(isSame))
      throw new DomainError('REQUEST.IDEMPOTENCY_MISMATCH');
    return earlier;
  }

  private async get(tx: CrossTenantTransaction, id: string): Promise<UsageCorrection> {
    const [correction] = await tx.query<UsageCorrection>(`${SELECT} WHERE x.id = $1`, [id]);
    if (!correction) throw new DomainError('REQUEST.NOT_FOUND');
    return correction;
  }

  private async recorded(tx: CrossTenantTransaction, actor: Vendor, id: string, action: string) {
    const correction = await this.get(tx, id);
    await tx.actOn(VENDOR_TENANT_ID);
    await this.audit.append(tx, {
      action,
      actor,
      subject: { type: 'usage-correction', id },
      details: { usageRecord: correction.usageRecordId, billingMonth: correction.billingMonth },
    });
    return correction;
  }
}

const lock = (tx: CrossTenantTransaction, name: string) =>
  tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [name]);
