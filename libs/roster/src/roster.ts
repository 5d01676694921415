import type { MemberRole, MemberStatus } from '#libs/identity';
import type { ErrorCode, Segment } from '#libs/kernel';

export const ROSTER_FILES = ['departments', 'members'] as const;
export type RosterFileKind = (typeof ROSTER_FILES)[number];

/** `listed`: who is in the file is added or changed. `complete`: who is not in it is disabled (closed), too. */
export const ROSTER_MODES = ['listed', 'complete'] as const;
export type RosterMode = (typeof ROSTER_MODES)[number];

/** Departments that close count as disabled; a department moves when its parent changes. */
export const CHANGE_KINDS = ['added', 'moved', 'changed', 'disabled'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** How many of a file's rows, and of those missing from it, come to what. */
export type RosterCounts = Readonly<Record<ChangeKind | 'unchanged', number>>;

/** What is wrong at one place. `row` is the spreadsheet's number, `column` the heading; both null for the whole file. */
export interface RosterFault {
  readonly file: RosterFileKind;
  readonly row: number | null;
  readonly column: string | null;
  /** Japanese: what is wrong and what to do. */
  readonly message: string;
}

export interface DepartmentFacts {
  readonly name: string;
  readonly parentCode: string | null;
  readonly isClosed: boolean;
}

export interface MemberFacts {
  readonly displayName: string;
  readonly departmentCode: string | null;
  readonly role: MemberRole;
  readonly segment: Segment;
  /** The last JST day of the rights. */
  readonly lastDay: string | null;
  readonly mailAddress: string | null;
  readonly status: MemberStatus;
}

/** One line of the diff. `key` is the department's code or the login id; `row` is null for who is missing from the file. */
interface Change<Subject extends string, Facts> {
  readonly subject: Subject;
  readonly kind: ChangeKind;
  readonly key: string;
  readonly row: number | null;
  readonly before: Facts | null;
  readonly after: Facts;
}
export type DepartmentChange = Change<'department', DepartmentFacts>;
export type MemberChange = Change<'member', MemberFacts>;
export type RosterChange = DepartmentChange | MemberChange;
/** Which line of a diff: whom, or which department, it is about. */
export type RosterLine = Pick<RosterChange, 'subject' | 'key'>;

export const ROSTER_STATES = ['draft', 'checked', 'planned', 'applying', 'applied', 'failed', 'cancelled'] as const;
export type RosterState = (typeof ROSTER_STATES)[number];

export interface RosterFile {
  readonly name: string;
  readonly mode: RosterMode;
  readonly rowCount: number;
}

/** 一括登録: files, what they would change, when, and what became of it. */
export interface RosterImport {
  readonly id: string;
  readonly state: RosterState;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly files: Readonly<Record<RosterFileKind, RosterFile | null>>;
  /** Null until it is checked. */
  readonly counts: Readonly<Record<'department' | 'member', RosterCounts>> | null;
  /** SHA-256 (hex) of the diff that was shown; null until it is checked without faults. */
  readonly digest: string | null;
  readonly faultCount: number;
  /** The JST day from whose 00:00 on it holds; null: at once. */
  readonly effectiveOn: string | null;
  readonly plannedAt: Date | null;
  /** Lines of the plan that were withdrawn before its day: what they are about stays as it is. */
  readonly withdrawn: readonly RosterLine[];
  /** How far the application is, in changes. */
  readonly done: number;
  readonly total: number;
  readonly endedAt: Date | null;
  readonly failure: { readonly code: ErrorCode; readonly detail: string | null } | null;
}
