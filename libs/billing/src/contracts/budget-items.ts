import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import { type TenantTransaction, refusedWith } from '#libs/database';
import { DomainError } from '#libs/kernel';

/** 予算科目: what of its budget a department pays its part of an invoice from. */
export interface BudgetItem {
  readonly departmentId: string;
  readonly code: string;
  readonly name: string;
}

const FOREIGN_KEY_VIOLATION = '23503';

/** A city's own 予算科目, at most one a department. Invoices show what stands here when they are issued. */
@Injectable()
export class BudgetItems {
  constructor(private readonly audit: AuditTrail) {}

  list(tx: TenantTransaction): Promise<BudgetItem[]> {
    return tx.query<BudgetItem>(
      'SELECT department_id AS "departmentId", code, name FROM budget_items ORDER BY department_id',
    );
  }

  /** @throws DomainError REQUEST.NOT_FOUND (no such department) */
  async set(tx: TenantTransaction, actor: AuditActor, item: BudgetItem): Promise<BudgetItem> {
    try {
      await tx.query(
        `INSERT INTO budget_items (tenant_id, department_id, code, name) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id, department_id) DO UPDATE SET code = excluded.code, name = excluded.name`,
        [tx.scope.tenantId, item.departmentId, item.code, item.name],
      );
    } catch (error) {
      if (refusedWith(error, FOREIGN_KEY_VIOLATION)) throw new DomainError('REQUEST.NOT_FOUND');
      throw error;
    }
    await this.record(tx, actor, 'budget-item.set', item.departmentId, { code: item.code });
    return item;
  }

  /** @throws DomainError REQUEST.NOT_FOUND */
  async clear(tx: TenantTransaction, actor: AuditActor, departmentId: string): Promise<void> {
    const cleared = await tx.query('DELETE FROM budget_items WHERE department_id = $1 RETURNING code', [departmentId]);
    if (cleared.length === 0) throw new DomainError('REQUEST.NOT_FOUND');
    await this.record(tx, actor, 'budget-item.cleared', departmentId, {});
  }

  private record(
    tx: TenantTransaction,
    actor: AuditActor,
    action: string,
    id: string,
    details: Readonly<Record<string, string>>,
  ) {
    const subject = { type: 'department', id };
    return this.audit.append(tx, { action, actor, segment: tx.scope.segment, subject, details });
  }
}
