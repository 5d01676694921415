import type { RosterFault } from '../roster.ts';
import { type RosterTable, RowCells, readHeader } from './roster-cells.ts';

/** A row of the departments' file. `parentCode` is undefined where the file has no such column: it stays. */
export interface DepartmentEntry {
  readonly row: number;
  readonly code: string;
  readonly name: string;
  readonly parentCode: string | null | undefined;
}

const CODE_CHARACTERS = 32;
const NAME_CHARACTERS = 100;

/** One code, however wide its characters were typed. */
export const codeForm = (text: string): string => text.normalize('NFKC').trim();

export function readDepartments(table: RosterTable): { entries: DepartmentEntry[]; faults: RosterFault[] } {
  const { places, faults } = readHeader('departments', table);
  if (faults.length > 0) return { entries: [], faults };
  const firstRows = new Map<string, number>();
  const entries = table.rows.map(({ number, cells }) => {
    const row = new RowCells('departments', places, faults, number, cells);
    const code = codeForm(row.required('code', CODE_CHARACTERS));
    const first = firstRows.get(code);
    if (code && first !== undefined)
      row.fault('code', `${first}行目と同じ所属コードです。どちらかを削除してください。`);
    else firstRows.set(code, number);
    const parent = row.text('parentCode');
    return {
      row: number,
      code,
      name: row.required('name', NAME_CHARACTERS),
      parentCode: parent === undefined ? undefined : codeForm(parent) || null,
    };
  });
  return { entries, faults };
}
