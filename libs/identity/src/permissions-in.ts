import { DomainError } from '#libs/kernel';
import type { CityStatus } from '#libs/tenancy';
import { type MemberRole, type Permission, ROLE_PERMISSIONS } from './permissions.ts';

/** What is left to the administrators of a city that is frozen: to look and to fetch, and nothing that makes anything. */
const FROZEN_PERMISSIONS: readonly Permission[] = [
  'session:own',
  'department:read',
  'member:read',
  'usage:read',
  'audit:read',
  'invoice:read',
  'exit:read',
  'exit:agree',
  'data-export:read',
];

/**
 * What a member may do in a city of this state; null when there is nobody to be a member of.
 * @throws DomainError TENANCY.SUSPENDED, TENANCY.FROZEN
 */
export function permissionsIn(status: CityStatus, role: MemberRole): ReadonlySet<Permission> | null {
  if (status === 'deleted') return null;
  if (status === 'suspended') throw new DomainError('TENANCY.SUSPENDED');
  if (status === 'active') return new Set(ROLE_PERMISSIONS[role]);
  if (role !== 'admin') throw new DomainError('TENANCY.FROZEN');
  return new Set(FROZEN_PERMISSIONS);
}
