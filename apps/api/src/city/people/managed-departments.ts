import { Injectable } from '@nestjs/common';
import type { TenantTransaction } from '#libs/database';
import type { MemberActor } from '#libs/identity';
import { DepartmentTree } from '#libs/tenancy';

/**
 * The departments a manager answers for: the own one and everything below it in the tree as it stands now. A head of a
 * bureau (部) sees its sections (課); nobody sees upwards or sideways, and a manager without a department manages none.
 */
@Injectable()
export class ManagedDepartments {
  constructor(private readonly departments: DepartmentTree) {}

  /** Ids; empty for whoever manages none. */
  async of(tx: TenantTransaction, { role, department }: MemberActor): Promise<string[]> {
    return role === 'manager' && department ? this.departments.below(tx, department.id) : [];
  }

  /** The departments whose figures an actor may see; null for all of the city's. */
  async visibleTo(tx: TenantTransaction, actor: MemberActor): Promise<string[] | null> {
    return actor.role === 'manager' ? this.of(tx, actor) : null;
  }
}
