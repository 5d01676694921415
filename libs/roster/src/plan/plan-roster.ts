import { createHash } from 'node:crypto';
import { loginIdKey } from '#libs/identity';
import {
  CHANGE_KINDS,
  type RosterChange,
  type RosterCounts,
  type RosterFault,
  type RosterFileKind,
  type RosterLine,
  type RosterMode,
} from '../roster.ts';
import { type MemberPlan, planMembers } from './plan-members.ts';
import { planDepartments } from './plan-departments.ts';
import { codeForm, readDepartments } from './read-departments.ts';
import { readMembers } from './read-members.ts';
import type { RosterTable } from './roster-cells.ts';
import type { RosterWorld } from './roster-world.ts';

export type RosterFiles = Readonly<
  Record<RosterFileKind, { readonly mode: RosterMode; readonly table: RosterTable } | null>
>;

/** What an import would do to the city as it is. */
export interface RosterPlan {
  /** Departments first, each in the order of its file, then who is missing. */
  readonly changes: readonly RosterChange[];
  readonly counts: Readonly<Record<'department' | 'member', RosterCounts>>;
  /** Nothing may be applied while there is one. */
  readonly faults: readonly RosterFault[];
}

/**
 * Compares the files with the city. Pure: the same files and the same city give the same plan.
 * @param day the JST day from which on it would hold
 * @param withdrawn lines that are not to be followed: what they are about stays as it is, also where a file is complete
 */
export function planRoster(
  world: RosterWorld,
  files: RosterFiles,
  day: string,
  withdrawn: readonly RosterLine[] = [],
): RosterPlan {
  const departments = files.departments && readDepartments(files.departments.table);
  const members = files.members && readMembers(files.members.table);
  const kept = (which: RosterLine['subject'], form: (key: string) => string): ReadonlySet<string> =>
    new Set(withdrawn.filter(({ subject }) => subject === which).map(({ key }) => form(key)));
  const tree = planDepartments(
    world.departments,
    departments?.entries ?? [],
    files.departments?.mode ?? 'listed',
    kept('department', codeForm),
  );
  const people: MemberPlan = planMembers(world.members, members?.entries ?? null, files.members?.mode ?? 'listed', {
    departments: tree.after,
    day,
    kept: kept('member', loginIdKey),
  });
  const misread = [...(departments?.faults ?? []), ...(members?.faults ?? [])];
  return {
    changes: [...tree.changes, ...people.changes],
    counts: {
      department: countsOf(tree.changes, tree.unchanged),
      member: countsOf(people.changes, people.unchanged),
    },
    // What was misread makes everything behind it look wrong: people mend it first.
    faults: misread.length > 0 ? misread : [...tree.faults, ...people.faults],
  };
}

function countsOf(changes: readonly RosterChange[], unchanged: number): RosterCounts {
  const counts = Object.fromEntries(CHANGE_KINDS.map((kind) => [kind, 0])) as Record<keyof RosterCounts, number>;
  counts.unchanged = unchanged;
  for (const { kind } of changes) counts[kind] += 1;
  return counts;
}

/** A change as the one text that is stored and hashed. */
export const lineOf = ({ subject, kind, key, before, after }: RosterChange): string =>
  JSON.stringify([subject, kind, key, before && Object.values(before), Object.values(after)]);

/** SHA-256 over the lines of a diff: what was shown, what is applied and what the audit trail names are the same. */
export function digestOf(lines: readonly string[]): string {
  const hash = createHash('sha256');
  for (const line of lines) hash.update(line).update('\n');
  return hash.digest('hex');
}

/** Members who would be disabled and departments that would close: what people confirm by its number. */
export const disablesOf = (changes: readonly RosterChange[]): RosterChange[] =>
  changes.filter(({ kind }) => kind === 'disabled');
