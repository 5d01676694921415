import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import type { TenantTransaction } from '#libs/database';
import { Clock, DomainError, newId } from '#libs/kernel';
import { violates } from './constraint.ts';

/** 事務: a piece of administrative work a city has decided AI may be used for. */
export interface Purpose {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly legalBasis: string | null;
  readonly enabled: boolean;
}

export type PurposeChange = Partial<Pick<Purpose, 'name' | 'legalBasis' | 'enabled'>>;

const COLUMNS = 'id, code, name, legal_basis AS "legalBasis", enabled';

/** The 事務 of a city and whether AI may be used for them. */
@Injectable()
export class PurposeDirectory {
  constructor(
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  async list(tx: TenantTransaction): Promise<Purpose[]> {
    return tx.query<Purpose>(`SELECT ${COLUMNS} FROM purposes ORDER BY code`);
  }

  /** The purpose of this code if the city has enabled it, otherwise null: unknown and disabled look alike. */
  async enabledByCode(tx: TenantTransaction, code: string): Promise<Purpose | null> {
    const [row] = await tx.query<Purpose>(`SELECT ${COLUMNS} FROM purposes WHERE code = $1 AND enabled`, [code]);
    return row ?? null;
  }

  /** @throws DomainError TENANCY.PURPOSE_CODE_TAKEN */
  async create(
    tx: TenantTransaction,
    actor: AuditActor,
    { code, name, legalBasis }: Pick<Purpose, 'code' | 'name' | 'legalBasis'>,
  ): Promise<Purpose> {
    const purpose: Purpose = { id: newId(), code, name, legalBasis, enabled: true };
    try {
      await tx.query(
        `INSERT INTO purposes (tenant_id, id, code, name, legal_basis, enabled, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, true, $6, $6)`,
        [tx.scope.tenantId, purpose.id, code, name, legalBasis, this.clock.now()],
      );
    } catch (error) {
      if (violates(error, 'purposes_tenant_id_code_key')) throw new DomainError('TENANCY.PURPOSE_CODE_TAKEN');
      throw error;
    }
    await this.record(tx, actor, 'purpose.created', purpose);
    return purpose;
  }

  /** The code stays for good: usage and audit refer to it. @throws DomainError REQUEST.NOT_FOUND */
  async change(tx: TenantTransaction, actor: AuditActor, id: string, change: PurposeChange): Promise<Purpose> {
    const [row] = await tx.query<Purpose>(
      `UPDATE purposes SET name = coalesce($2, name), enabled = coalesce($3, enabled), updated_at = $4,
         legal_basis = CASE WHEN $5 THEN $6 ELSE legal_basis END
       WHERE id = $1 RETURNING ${COLUMNS}`,
      [
        id,
        change.name ?? null,
        change.enabled ?? null,
        this.clock.now(),
        change.legalBasis !== undefined,
        change.legalBasis ?? null,
      ],
    );
    if (!row) throw new DomainError('REQUEST.NOT_FOUND');
    await this.record(tx, actor, 'purpose.changed', row);
    return row;
  }

  private record(tx: TenantTransaction, actor: AuditActor, action: string, { id, code, enabled }: Purpose) {
    return this.audit.append(tx, {
      action,
      actor,
      segment: tx.scope.segment,
      subject: { type: 'purpose', id },
      details: { code, enabled },
    });
  }
}
