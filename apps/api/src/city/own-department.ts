import type { MemberActor } from '#libs/identity';

/** A manager without a department manages none: an id no department has. */
const NO_DEPARTMENT = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** The one department whose figures an actor may see; null for all. */
export const ownDepartmentOnly = ({ role, department }: MemberActor): string | null =>
  role === 'manager' ? (department?.id ?? NO_DEPARTMENT) : null;
