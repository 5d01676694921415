import { type MemberRole, loginIdKey } from '#libs/identity';
import type { Segment } from '#libs/kernel';
import { z } from 'zod';
import type { RosterFault } from '../roster.ts';
import { codeForm } from './read-departments.ts';
import { type RosterTable, RowCells, readHeader } from './roster-cells.ts';
import { ROLE_WORDS, SEGMENT_WORDS } from './roster-columns.ts';
import { readDay } from './roster-days.ts';

/** A row of the members' file. Undefined: the file does not say, so it stays, or is the usual thing for who is new. */
export interface MemberEntry {
  readonly row: number;
  readonly loginId: string;
  /** The form that all spellings of the login id share. */
  readonly key: string;
  readonly displayName: string;
  readonly departmentCode: string | null | undefined;
  readonly role: MemberRole | undefined;
  readonly segment: Segment | undefined;
  readonly lastDay: string | null | undefined;
  readonly mailAddress: string | null | undefined;
}

const LOGIN_ID_CHARACTERS = 64;
const NAME_CHARACTERS = 100;
const MAIL_CHARACTERS = 254;
const mailAddress = z.email().max(MAIL_CHARACTERS);

export function readMembers(table: RosterTable): { entries: MemberEntry[]; faults: RosterFault[] } {
  const { places, faults } = readHeader('members', table);
  if (faults.length > 0) return { entries: [], faults };
  const firstRows = new Map<string, number>();
  const entries = table.rows.map(({ number, cells }) => {
    const row = new RowCells('members', places, faults, number, cells);
    const loginId = row.required('loginId', LOGIN_ID_CHARACTERS);
    const key = loginIdKey(loginId);
    const first = firstRows.get(key);
    if (key && first !== undefined)
      row.fault(
        'loginId',
        `${first}行目と同じログインIDです（全角・半角、大文字・小文字は区別しません）。どちらかを削除してください。`,
      );
    else firstRows.set(key, number);
    const department = row.text('departmentCode');
    return {
      row: number,
      loginId,
      key,
      displayName: row.required('displayName', NAME_CHARACTERS),
      departmentCode: department === undefined ? undefined : codeForm(department) || null,
      role: row.choice('role', ROLE_WORDS),
      segment: row.choice('segment', SEGMENT_WORDS),
      lastDay: dayOf(row),
      mailAddress: mailOf(row),
    };
  });
  return { entries, faults };
}

function dayOf(row: RowCells): string | null | undefined {
  const text = row.text('lastDay');
  if (!text) return text === undefined ? undefined : null;
  const day = readDay(text);
  if (day === null)
    row.fault('lastDay', '日付として読めません。2027-03-31 または 令和9年3月31日 のように入れてください。');
  return day;
}

function mailOf(row: RowCells): string | null | undefined {
  const text = row.text('mailAddress');
  if (!text) return text === undefined ? undefined : null;
  if (!mailAddress.safeParse(text).success)
    row.fault('mailAddress', 'メールアドレスの形ではありません。直すか、空にしてください。');
  return text;
}
