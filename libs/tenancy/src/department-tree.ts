import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import type { TenantTransaction } from '#libs/database';
import { Clock, DomainError, jstDayOf, jstDayRange, newId } from '#libs/kernel';
import { violates } from './constraint.ts';

/** 所属. */
export interface Department {
  readonly id: string;
  readonly parentId: string | null;
  readonly code: string;
  readonly name: string;
  /** The JST day (`YYYY-MM-DD`) from which on nobody belongs to it; null where none is set. */
  readonly closedOn: string | null;
}

export type NewDepartment = Omit<Department, 'id' | 'closedOn'>;

export interface DepartmentChange {
  readonly name?: string;
  /** Null makes it a root. */
  readonly parentId?: string | null;
}

const COLUMNS = 'id, parent_id AS "parentId", code, name, closed_on::text AS "closedOn"';

/** The tree as it was when the day was over. */
const ON_DAY = `
  SELECT d.id, v.parent_id AS "parentId", d.code, v.name, d.closed_on::text AS "closedOn"
  FROM department_versions v JOIN departments d ON d.tenant_id = v.tenant_id AND d.id = v.department_id
  WHERE v.tenant_id = $1 AND v.began_at < $2 AND (v.ended_at IS NULL OR v.ended_at >= $2)
    AND (d.closed_on IS NULL OR d.closed_on > $3) ORDER BY d.code`;

/** The departments of a city as a tree. */
@Injectable()
export class DepartmentTree {
  constructor(
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** @param day a JST day of the past, for the tree as it was then; absent: as it is now, closed ones included */
  async list(tx: TenantTransaction, day?: string): Promise<Department[]> {
    if (day === undefined) return tx.query<Department>(`SELECT ${COLUMNS} FROM departments ORDER BY code`);
    return tx.query<Department>(ON_DAY, [tx.scope.tenantId, jstDayRange(day, day).end, day]);
  }

  async find(tx: TenantTransaction, id: string): Promise<Department | null> {
    const [row] = await tx.query<Department>(`SELECT ${COLUMNS} FROM departments WHERE id = $1`, [id]);
    return row ?? null;
  }

  /** The ids of a department and of all below it. */
  async below(tx: TenantTransaction, id: string): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `WITH RECURSIVE below AS (
         SELECT id FROM departments WHERE id = $1
         UNION SELECT d.id FROM departments d JOIN below b ON d.parent_id = b.id)
       SELECT id FROM below`,
      [id],
    );
    return rows.map((row) => row.id);
  }

  /** The ids of a department and of all it stands under. */
  async above(tx: TenantTransaction, id: string): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `WITH RECURSIVE above AS (
         SELECT id, parent_id FROM departments WHERE id = $1
         UNION SELECT d.id, d.parent_id FROM departments d JOIN above a ON d.id = a.parent_id)
       SELECT id FROM above`,
      [id],
    );
    return rows.map((row) => row.id);
  }

  /** @throws DomainError TENANCY.DEPARTMENT_CODE_TAKEN, TENANCY.DEPARTMENT_UNKNOWN (the parent) */
  async create(tx: TenantTransaction, actor: AuditActor, { code, name, parentId }: NewDepartment): Promise<Department> {
    const department: Department = { id: newId(), parentId, code, name, closedOn: null };
    await this.assertKnown(tx, parentId);
    try {
      await tx.query(
        `INSERT INTO departments (tenant_id, id, parent_id, code, name, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6)`,
        [tx.scope.tenantId, department.id, parentId, code, name, this.clock.now()],
      );
    } catch (error) {
      if (violates(error, 'departments_tenant_id_code_key')) throw new DomainError('TENANCY.DEPARTMENT_CODE_TAKEN');
      throw error;
    }
    await this.record(tx, actor, 'department.created', department);
    return department;
  }

  /** @throws DomainError REQUEST.NOT_FOUND, TENANCY.DEPARTMENT_UNKNOWN (the parent), TENANCY.DEPARTMENT_CYCLE */
  async change(tx: TenantTransaction, actor: AuditActor, id: string, change: DepartmentChange): Promise<Department> {
    if (change.parentId) await this.assertNoCycle(tx, id, change.parentId);
    const [row] = await tx.query<Department>(
      `UPDATE departments SET name = coalesce($2, name), updated_at = $3,
         parent_id = CASE WHEN $4 THEN $5::uuid ELSE parent_id END
       WHERE id = $1 RETURNING ${COLUMNS}`,
      [id, change.name ?? null, this.clock.now(), change.parentId !== undefined, change.parentId ?? null],
    );
    if (!row) throw new DomainError('REQUEST.NOT_FOUND');
    await this.record(tx, actor, 'department.changed', row);
    return row;
  }

  /** @throws DomainError TENANCY.DEPARTMENT_UNKNOWN when the id is given and names none of this city's open departments */
  async assertKnown(tx: TenantTransaction, id: string | null): Promise<void> {
    if (id === null) return;
    const department = await this.find(tx, id);
    const isOpen = department && (department.closedOn === null || department.closedOn > jstDayOf(this.clock.now()));
    if (!isOpen) throw new DomainError('TENANCY.DEPARTMENT_UNKNOWN');
  }

  /** Two moves at once could close a circle neither sees: moves in one city take turns, until the commit. */
  async takeTurn(tx: TenantTransaction): Promise<void> {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('departments:' || $1, 0))`, [tx.scope.tenantId]);
  }

  private async assertNoCycle(tx: TenantTransaction, id: string, parentId: string): Promise<void> {
    await this.takeTurn(tx);
    await this.assertKnown(tx, parentId);
    const [found] = await tx.query(
      `WITH RECURSIVE above AS (
         SELECT id, parent_id FROM departments WHERE id = $1
         UNION SELECT d.id, d.parent_id FROM departments d JOIN above a ON d.id = a.parent_id)
       SELECT 1 FROM above WHERE id = $2`,
      [parentId, id],
    );
    if (found) throw new DomainError('TENANCY.DEPARTMENT_CYCLE');
  }

  private record(tx: TenantTransaction, actor: AuditActor, action: string, { id, code, parentId }: Department) {
    return this.audit.append(tx, {
      action,
      actor,
      segment: tx.scope.segment,
      subject: { type: 'department', id },
      details: { code, parentId },
    });
  }
}
