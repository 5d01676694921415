import type { Person } from '#libs/pricing';
import { DomainError } from '#libs/kernel';

/** What one person proposes and another approves. */
export interface Proposed {
  readonly proposedBy: Person;
  readonly proposedAt: Date;
  readonly approvedBy: Person | null;
  readonly approvedAt: Date | null;
}

/** SQL of a {@link Proposed}  of a row. */
export const proposedColumns = (row: string): string => `
  json_build_object('id', ${row}.proposed_by, 'name', (SELECT display_name FROM vendor_users WHERE id = ${row}.proposed_by))
    AS "proposedBy", ${row}.proposed_at AS "proposedAt",
  CASE WHEN ${row}.approved_by IS NOT NULL THEN json_build_object('id', ${row}.approved_by,
    'name', (SELECT display_name FROM vendor_users WHERE id = ${row}.approved_by)) END AS "approvedBy",
  ${row}.approved_at AS "approvedAt"`;

/** @throws DomainError REQUEST.NOT_FOUND, CONTRACTS.ALREADY_DECIDED, CONTRACTS.SAME_PERSON */
export function assertApprovable(
  proposal: { readonly proposedBy: string; readonly approvedBy: string | null } | undefined,
  approver: string,
): void {
  if (!proposal) throw new DomainError('REQUEST.NOT_FOUND');
  if (proposal.approvedBy) throw new DomainError('CONTRACTS.ALREADY_DECIDED');
  if (proposal.proposedBy === approver) throw new DomainError('CONTRACTS.SAME_PERSON');
}
