import type { TenantTransaction } from '#libs/database';
import { loginIdKey } from '#libs/identity';
import { newId } from '#libs/kernel';
import { codeForm } from '../plan/read-departments.ts';
import type { RosterPlan } from '../plan/plan-roster.ts';
import type { RosterWorld } from '../plan/roster-world.ts';
import type { DepartmentChange, MemberChange, RosterChange } from '../roster.ts';

/** Members written by one statement: enough for speed, and a step for the progress. */
const CHUNK = 500;

/** Somebody changed a member between the look and the write: look again. */
export class WorldMoved extends Error {}

interface Writing {
  readonly world: RosterWorld;
  readonly plan: Pick<RosterPlan, 'changes'>;
  /** The JST day from which on it holds. */
  readonly day: string;
  readonly now: Date;
  /** @param done changes written so far */
  readonly onProgress: (done: number) => Promise<void>;
}

const isDepartment = (change: RosterChange): change is DepartmentChange => change.subject === 'department';
const isMember = (change: RosterChange): change is MemberChange => change.subject === 'member';

const INSERT_DEPARTMENTS = `
  INSERT INTO departments (tenant_id, id, code, name, parent_id, created_at, updated_at)
  SELECT $1, x.id, x.code, x.name, x.parent, $2, $2
  FROM unnest($3::uuid[], $4::text[], $5::text[], $6::uuid[]) AS x (id, code, name, parent)`;

const UPDATE_DEPARTMENTS = `
  UPDATE departments d SET name = x.name, parent_id = x.parent, updated_at = $2,
    closed_on = CASE WHEN x.closed THEN least(d.closed_on, $7::date) END
  FROM unnest($3::uuid[], $4::text[], $5::uuid[], $6::boolean[]) AS x (id, name, parent, closed)
  WHERE d.tenant_id = $1 AND d.id = x.id`;

const FACTS = `x.display_name, x.role, x.segment, x.department, x.last_day + 1, x.mail, x.status`;
const FACT_ARRAYS = `$4::text[], $5::text[], $6::text[], $7::uuid[], $8::date[], $9::text[], $10::text[]`;
const FACT_NAMES = `display_name, role, segment, department, last_day, mail, status`;

const INSERT_MEMBERS = `
  INSERT INTO members (tenant_id, id, login_id, login_id_key, display_name, role, segment, department_id, expires_on,
    mail_address, status, password_changed_at, created_at, updated_at)
  SELECT $1, x.id, x.login_id, x.login_id_key, ${FACTS}, $2, $2, $2
  FROM unnest($3::uuid[], ${FACT_ARRAYS}, $11::text[], $12::text[]) AS x (id, ${FACT_NAMES}, login_id, login_id_key)
  RETURNING id`;

const UPDATE_MEMBERS = `
  UPDATE members m SET (display_name, role, segment, department_id, expires_on, mail_address, status) = (${FACTS}),
    updated_at = $2
  FROM unnest($3::uuid[], ${FACT_ARRAYS}, $11::text[]) AS x (id, ${FACT_NAMES}, version)
  WHERE m.tenant_id = $1 AND m.id = x.id AND m.updated_at = x.version::timestamptz RETURNING m.id`;

/**
 * Writes a plan in sets. @returns the ids of the members whose rights it changed, who may be signed in
 * @throws WorldMoved; Error of the database when a login id or a code was taken meanwhile
 */
export async function writeRoster(tx: TenantTransaction, writing: Writing): Promise<string[]> {
  const { plan, world, onProgress } = writing;
  const departments = plan.changes.filter(isDepartment);
  const ids = new Map(world.departments.map(({ code, id }) => [codeForm(code), id]));
  for (const { kind, key } of departments) if (kind === 'added') ids.set(codeForm(key), newId());
  await writeDepartments(tx, departments, ids, writing);
  await onProgress(departments.length);

  const members = plan.changes.filter(isMember);
  const known = new Map(world.members.map((member) => [member.key, member]));
  const changed: string[] = [];
  for (let at = 0; at < members.length; at += CHUNK) {
    const chunk = members.slice(at, at + CHUNK);
    const added = chunk.filter(({ kind }) => kind === 'added');
    const others = chunk.filter(({ kind }) => kind !== 'added');
    const old = others.map(({ key }) => known.get(loginIdKey(key))!);
    const base = [tx.scope.tenantId, writing.now] as const;
    const written = [
      await tx.query(INSERT_MEMBERS, [
        ...base,
        added.map(() => newId()),
        ...factArrays(added, ids),
        added.map(({ key }) => key),
        added.map(({ key }) => loginIdKey(key)),
      ]),
      await tx.query(UPDATE_MEMBERS, [
        ...base,
        old.map(({ id }) => id),
        ...factArrays(others, ids),
        old.map(({ version }) => version),
      ]),
    ].reduce((total, rows) => total + rows.length, 0);
    if (written < chunk.length) throw new WorldMoved();
    changed.push(...old.map(({ id }) => id));
    await onProgress(departments.length + at + chunk.length);
  }
  return changed;
}

async function writeDepartments(
  tx: TenantTransaction,
  changes: readonly DepartmentChange[],
  ids: ReadonlyMap<string, string>,
  { day, now }: Writing,
): Promise<void> {
  const added = changes.filter(({ kind }) => kind === 'added');
  const others = changes.filter(({ kind }) => kind !== 'added');
  const idOf = (code: string | null) => (code === null ? null : ids.get(codeForm(code))!);
  const [names, parents] = [
    (list: readonly DepartmentChange[]) => list.map(({ after }) => after.name),
    (list: readonly DepartmentChange[]) => list.map(({ after }) => idOf(after.parentCode)),
  ];
  const base = [tx.scope.tenantId, now] as const;
  const codes = added.map(({ key }) => key);
  await tx.query(INSERT_DEPARTMENTS, [...base, codes.map(idOf), codes, names(added), parents(added)]);
  await tx.query(UPDATE_DEPARTMENTS, [
    ...base,
    others.map(({ key }) => idOf(key)),
    names(others),
    parents(others),
    others.map(({ after }) => after.isClosed),
    day,
  ]);
}

const factArrays = (changes: readonly MemberChange[], ids: ReadonlyMap<string, string>): unknown[] => {
  const facts = changes.map(({ after }) => after);
  return [
    facts.map(({ displayName }) => displayName),
    facts.map(({ role }) => role),
    facts.map(({ segment }) => segment),
    facts.map(({ departmentCode }) => (departmentCode === null ? null : ids.get(departmentCode)!)),
    facts.map(({ lastDay }) => lastDay),
    facts.map(({ mailAddress }) => mailAddress),
    facts.map(({ status }) => status),
  ];
};
