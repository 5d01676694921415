import type { MemberRole, MemberStatus } from '#libs/identity';
import type { Segment } from '#libs/kernel';

/** A department as it is, before an import. */
export interface KnownDepartment {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly parentCode: string | null;
  readonly isClosed: boolean;
}

/** A member as they are, before an import. */
export interface KnownMember {
  readonly id: string;
  readonly key: string;
  readonly loginId: string;
  readonly displayName: string;
  readonly departmentCode: string | null;
  readonly role: MemberRole;
  readonly segment: Segment;
  readonly lastDay: string | null;
  readonly mailAddress: string | null;
  readonly status: MemberStatus;
  /** Has a password or has signed in before: not only invited. */
  readonly hasComeIn: boolean;
  /** Changes with every change of the row but a sign-in. */
  readonly version: string;
}

/** Everything an import is compared with. */
export interface RosterWorld {
  readonly departments: readonly KnownDepartment[];
  readonly members: readonly KnownMember[];
}
