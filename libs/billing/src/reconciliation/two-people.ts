import { DomainError } from '#libs/kernel';

/** Somebody of the vendor; a service key can read and never decides. */
export interface VendorPerson {
  readonly type: 'vendor';
  readonly id: string;
}

/** Who proposed something and what became of it. */
export interface Proposal {
  readonly proposedBy: string;
  readonly approvedAt: Date | null;
  readonly withdrawnAt: Date | null;
}

/** @throws DomainError REQUEST.NOT_FOUND, RECONCILIATION.ALREADY_DECIDED, RECONCILIATION.SAME_PERSON */
export function demandApprovable(proposal: Proposal | undefined, approver: VendorPerson): void {
  demandOpen(proposal);
  if (proposal!.proposedBy === approver.id) throw new DomainError('RECONCILIATION.SAME_PERSON');
}

/** @throws DomainError REQUEST.NOT_FOUND, RECONCILIATION.ALREADY_DECIDED */
export function demandOpen(proposal: Proposal | undefined): void {
  if (!proposal) throw new DomainError('REQUEST.NOT_FOUND');
  if (proposal.approvedAt || proposal.withdrawnAt) throw new DomainError('RECONCILIATION.ALREADY_DECIDED');
}
