import type { TenantTransaction } from '#libs/database';
import { codeForm } from './plan/read-departments.ts';
import type { KnownDepartment, KnownMember, RosterWorld } from './plan/roster-world.ts';

const DEPARTMENTS = `
  SELECT d.id, d.code, d.name, p.code AS "parentCode", d.closed_on IS NOT NULL AND d.closed_on <= $1::date AS "isClosed"
  FROM departments d LEFT JOIN departments p ON p.tenant_id = d.tenant_id AND p.id = d.parent_id ORDER BY d.code`;

const MEMBERS = `
  SELECT m.id, m.login_id_key AS key, m.login_id AS "loginId", m.display_name AS "displayName", d.code AS "departmentCode",
    m.role, m.segment, (m.expires_on - 1)::text AS "lastDay", m.mail_address AS "mailAddress", m.status,
    m.password_hash IS NOT NULL OR m.last_sign_in_at IS NOT NULL AS "hasComeIn", m.updated_at::text AS version
  FROM members m LEFT JOIN departments d ON d.tenant_id = m.tenant_id AND d.id = m.department_id
  ORDER BY m.login_id_key COLLATE "C"`;

const formOf = (code: string | null): string | null => code && codeForm(code);

/** The city as it is, seen from a JST day. */
export async function loadWorld(tx: TenantTransaction, day: string): Promise<RosterWorld> {
  const [departments, members] = await Promise.all([
    tx.query<KnownDepartment>(DEPARTMENTS, [day]),
    tx.query<KnownMember>(MEMBERS),
  ]);
  return {
    departments: departments.map((department) => ({ ...department, parentCode: formOf(department.parentCode) })),
    members: members.map((member) => ({ ...member, departmentCode: formOf(member.departmentCode) })),
  };
}
