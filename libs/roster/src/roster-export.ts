import type { TenantTransaction } from '#libs/database';
import { type Column, tableOf } from '#libs/spreadsheet';
import {
  type MemberColumn,
  DEPARTMENT_COLUMNS,
  MEMBER_COLUMNS,
  ROLE_WORDS,
  SEGMENT_WORDS,
} from './plan/roster-columns.ts';
import type { KnownDepartment, KnownMember } from './plan/roster-world.ts';
import { loadWorld } from './load-world.ts';
import type { RosterFault, RosterFileKind } from './roster.ts';

const text = <Row>(header: string, of: (row: Row) => string | null): Column<Row> => ({ header, kind: 'text', of });

const DEPARTMENTS: Column<KnownDepartment>[] = [
  text(DEPARTMENT_COLUMNS.code.heading, ({ code }) => code),
  text(DEPARTMENT_COLUMNS.name.heading, ({ name }) => name),
  text(DEPARTMENT_COLUMNS.parentCode.heading, ({ parentCode }) => parentCode),
];

const member = (column: MemberColumn, of: (row: KnownMember) => string | null) =>
  text(MEMBER_COLUMNS[column].heading, of);
const MEMBERS: Column<KnownMember>[] = [
  member('loginId', ({ loginId }) => loginId),
  member('displayName', ({ displayName }) => displayName),
  member('departmentCode', ({ departmentCode }) => departmentCode),
  member('role', ({ role }) => ROLE_WORDS[role][0]!),
  member('segment', ({ segment }) => SEGMENT_WORDS[segment][0]!),
  member('lastDay', ({ lastDay }) => lastDay),
  member('mailAddress', ({ mailAddress }) => mailAddress),
];

const FILE_WORDS: Readonly<Record<RosterFileKind, string>> = { departments: '所属', members: '職員' };
const FAULTS: Column<RosterFault>[] = [
  text('ファイル', ({ file }) => FILE_WORDS[file]),
  { header: '行', kind: 'integer', of: ({ row }) => row },
  text('列', ({ column }) => column),
  text('内容', ({ message }) => message),
];

/** The city as it is, in the columns an import reads: taken out, edited and brought back it changes what was edited. */
export async function rosterTable(tx: TenantTransaction, kind: RosterFileKind, day: string) {
  const { departments, members } = await loadWorld(tx, day);
  if (kind === 'members')
    return tableOf(
      FILE_WORDS.members,
      MEMBERS,
      members.filter(({ status }) => status === 'active'),
    );
  return tableOf(
    FILE_WORDS.departments,
    DEPARTMENTS,
    departments.filter(({ isClosed }) => !isClosed),
  );
}

export const faultTable = (faults: readonly RosterFault[]) => tableOf('誤り', FAULTS, faults);
