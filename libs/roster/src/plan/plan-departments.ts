import type { ChangeKind, DepartmentChange, DepartmentFacts, RosterFault, RosterMode } from '../roster.ts';
import { type DepartmentEntry, codeForm } from './read-departments.ts';
import { DEPARTMENT_COLUMNS } from './roster-columns.ts';
import type { KnownDepartment } from './roster-world.ts';

export interface DepartmentPlan {
  readonly changes: DepartmentChange[];
  readonly faults: RosterFault[];
  readonly unchanged: number;
  /** Every department as it will be, by code. */
  readonly after: ReadonlyMap<string, DepartmentFacts>;
}

const factsOf = ({ name, parentCode, isClosed }: KnownDepartment): DepartmentFacts => ({ name, parentCode, isClosed });

/** Compares the file's departments with the city's and checks that what comes of it is a tree of open departments. */
export function planDepartments(
  known: readonly KnownDepartment[],
  entries: readonly DepartmentEntry[],
  mode: RosterMode,
  kept: ReadonlySet<string>,
): DepartmentPlan {
  const before = new Map(known.map((department) => [codeForm(department.code), department]));
  const after = new Map<string, DepartmentFacts>([...before].map(([code, department]) => [code, factsOf(department)]));
  const followed = entries.filter(({ code }) => !kept.has(code));
  const rows = new Map(followed.map(({ code, row }) => [code, row]));
  for (const { code, name, parentCode } of followed) {
    const parent = parentCode === undefined ? (before.get(code)?.parentCode ?? null) : parentCode;
    after.set(code, { name, parentCode: parent, isClosed: false });
  }
  if (mode === 'complete')
    for (const [code, facts] of after)
      if (!rows.has(code) && !kept.has(code)) after.set(code, { ...facts, isClosed: true });

  const changes: DepartmentChange[] = [];
  for (const [code, facts] of after) {
    const old = before.get(code);
    const kind = kindOf(old && factsOf(old), facts);
    const row = rows.get(code) ?? null;
    if (kind)
      changes.push({
        subject: 'department',
        kind,
        key: old?.code ?? code,
        row,
        before: old ? factsOf(old) : null,
        after: facts,
      });
  }
  const touched = changes.filter(({ row }) => row !== null).length;
  return { changes, faults: treeFaults(after, rows), unchanged: entries.length - touched, after };
}

function kindOf(before: DepartmentFacts | undefined, after: DepartmentFacts): ChangeKind | null {
  if (!before) return 'added';
  if (after.isClosed) return before.isClosed ? null : 'disabled';
  if (before.parentCode !== after.parentCode) return 'moved';
  return before.name !== after.name || before.isClosed ? 'changed' : null;
}

function treeFaults(after: ReadonlyMap<string, DepartmentFacts>, rows: ReadonlyMap<string, number>): RosterFault[] {
  const faults: RosterFault[] = [];
  const fault = (code: string, message: string) =>
    faults.push({
      file: 'departments',
      row: rows.get(code) ?? null,
      column: DEPARTMENT_COLUMNS.parentCode.heading,
      message,
    });
  for (const [code, { parentCode, isClosed }] of after) {
    if (isClosed || parentCode === null) continue;
    const parent = after.get(parentCode);
    if (!parent)
      fault(
        code,
        `上位所属コード「${parentCode}」の所属がありません。コードを直すか、その所属も一覧に加えてください。`,
      );
    else if (parent.isClosed)
      fault(
        code,
        `上位所属「${parentCode}」は廃止されます。「${code}」の上位所属を直すか、「${parentCode}」を一覧に残してください。`,
      );
    else if (isInCircle(after, code))
      fault(code, `「${code}」の上位所属をたどると自分自身に戻ります。循環しないように直してください。`);
  }
  return faults;
}

function isInCircle(after: ReadonlyMap<string, DepartmentFacts>, code: string): boolean {
  const seen = new Set<string>();
  for (
    let at = after.get(code)?.parentCode ?? null;
    at !== null && !seen.has(at);
    at = after.get(at)?.parentCode ?? null
  ) {
    if (at === code) return true;
    seen.add(at);
  }
  return false;
}
