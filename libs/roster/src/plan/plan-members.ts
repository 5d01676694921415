import type { ChangeKind, DepartmentFacts, MemberChange, MemberFacts, RosterFault, RosterMode } from '../roster.ts';
import { codeForm } from './read-departments.ts';
import type { MemberEntry } from './read-members.ts';
import { MEMBER_COLUMNS } from './roster-columns.ts';
import type { KnownMember } from './roster-world.ts';

export interface MemberPlan {
  readonly changes: MemberChange[];
  readonly faults: RosterFault[];
  readonly unchanged: number;
}

/** What a plan is judged against: the departments as they will be, and the JST day from which on it holds. */
interface Circumstances {
  readonly departments: ReadonlyMap<string, DepartmentFacts>;
  readonly day: string;
}

interface MemberCircumstances extends Circumstances {
  /** Who stays as they are, whatever the file says or leaves out. */
  readonly kept: ReadonlySet<string>;
}

const factsOf = (member: KnownMember): MemberFacts => ({
  displayName: member.displayName,
  departmentCode: member.departmentCode,
  role: member.role,
  segment: member.segment,
  lastDay: member.lastDay,
  mailAddress: member.mailAddress,
  status: member.status,
});

/** What the file does not say stays, or is the usual thing for who is new. */
const factsFrom = (entry: MemberEntry, old: KnownMember | undefined): MemberFacts => ({
  displayName: entry.displayName,
  departmentCode: entry.departmentCode === undefined ? (old?.departmentCode ?? null) : entry.departmentCode,
  role: entry.role ?? old?.role ?? 'staff',
  segment: entry.segment ?? old?.segment ?? 'lgwan',
  lastDay: entry.lastDay === undefined ? (old?.lastDay ?? null) : entry.lastDay,
  mailAddress: entry.mailAddress === undefined ? (old?.mailAddress ?? null) : entry.mailAddress,
  status: 'active',
});

/** Compares the file's members with the city's. Neither departments nor administrators may be left in the air. */
export function planMembers(
  known: readonly KnownMember[],
  entries: readonly MemberEntry[] | null,
  mode: RosterMode,
  { departments, day, kept }: MemberCircumstances,
): MemberPlan {
  const before = new Map(known.map((member) => [member.key, member]));
  const listed = new Set(entries?.map(({ key }) => key));
  const faults: RosterFault[] = [];
  const changes: MemberChange[] = [];
  for (const entry of entries ?? []) {
    if (kept.has(entry.key)) continue;
    const old = before.get(entry.key);
    const after = factsFrom(entry, old);
    const kind = kindOf(old && factsOf(old), after);
    if (kind)
      changes.push({
        subject: 'member',
        kind,
        key: old?.loginId ?? entry.loginId,
        row: entry.row,
        before: old ? factsOf(old) : null,
        after,
      });
    faults.push(...entryFaults(entry, after, { departments, day }, old === undefined));
  }
  const unchanged = (entries?.length ?? 0) - changes.length;
  if (mode === 'complete' && entries)
    for (const member of known)
      if (!listed.has(member.key) && !kept.has(member.key) && member.status === 'active') {
        const facts = factsOf(member);
        const after = { ...facts, status: 'disabled' } as const;
        changes.push({ subject: 'member', kind: 'disabled', key: member.loginId, row: null, before: facts, after });
      }
  const next = new Map(known.map((member) => [member.loginId, factsOf(member)]));
  for (const { key, after } of changes) next.set(key, after);
  faults.push(...leftInClosed(next, departments), ...withoutAdmin(known, next));
  return { changes, faults, unchanged };
}

function kindOf(before: MemberFacts | undefined, after: MemberFacts): ChangeKind | null {
  if (!before) return 'added';
  if (before.departmentCode !== after.departmentCode) return 'moved';
  const names = Object.keys(after) as (keyof MemberFacts)[];
  return names.some((name) => before[name] !== after[name]) ? 'changed' : null;
}

function entryFaults(
  { row }: MemberEntry,
  { departmentCode, lastDay }: MemberFacts,
  { departments, day }: Circumstances,
  isNew: boolean,
): RosterFault[] {
  const faults: RosterFault[] = [];
  const fault = (column: keyof typeof MEMBER_COLUMNS, message: string) =>
    faults.push({ file: 'members', row, column: MEMBER_COLUMNS[column].heading, message });
  const department = departmentCode === null ? undefined : departments.get(codeForm(departmentCode));
  if (departmentCode !== null && !department)
    fault(
      'departmentCode',
      `所属コード「${departmentCode}」の所属がありません。コードを直すか、所属の一覧に加えてください。`,
    );
  if (department?.isClosed)
    fault('departmentCode', `所属「${departmentCode}」は廃止されています。異動先の所属コードを入れてください。`);
  if (isNew && lastDay !== null && lastDay < day)
    fault('lastDay', `最終利用日が反映日（${day}）より前です。日付を直してください。`);
  return faults;
}

/** Who belongs to a department that closes without being named in the file. */
function leftInClosed(
  next: ReadonlyMap<string, MemberFacts>,
  departments: ReadonlyMap<string, DepartmentFacts>,
): RosterFault[] {
  const left = new Map<string, number>();
  for (const { status, departmentCode } of next.values())
    if (status === 'active' && departmentCode !== null && departments.get(codeForm(departmentCode))?.isClosed)
      left.set(departmentCode, (left.get(departmentCode) ?? 0) + 1);
  return [...left].map(([code, count]) => ({
    file: 'members',
    row: null,
    column: MEMBER_COLUMNS.departmentCode.heading,
    message: `廃止される所属「${code}」に職員が${count}人残ります。職員の一覧で異動先の所属コードを指定してください。`,
  }));
}

/** Somebody who can get in must be able to mend things, tomorrow too: who was only invited, or whose rights end, is not enough. */
function withoutAdmin(known: readonly KnownMember[], next: ReadonlyMap<string, MemberFacts>): RosterFault[] {
  const isLasting = (facts: MemberFacts | undefined) =>
    facts?.role === 'admin' && facts.status === 'active' && facts.lastDay === null;
  const lasting = known.filter((member) => member.hasComeIn && isLasting(factsOf(member)));
  if (lasting.length === 0 || known.some((member) => member.hasComeIn && isLasting(next.get(member.loginId))))
    return [];
  return [
    {
      file: 'members',
      row: null,
      column: MEMBER_COLUMNS.role.heading,
      message:
        'サインインしたことのある管理者が1人もいなくなります。期限のない管理者を、少なくとも1人「管理者」のまま一覧に残してください。',
    },
  ];
}
