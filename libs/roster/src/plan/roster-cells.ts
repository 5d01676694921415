import type { RosterFault, RosterFileKind } from '../roster.ts';
import { COLUMNS } from './roster-columns.ts';

/** The columns and rows of an uploaded table. */
export interface RosterTable {
  readonly columns: readonly string[];
  readonly rows: readonly { readonly number: number; readonly cells: readonly string[] }[];
}

const sameForm = (text: string): string => text.normalize('NFKC').trim().toLowerCase();

/** Which of the table's columns holds what. A column nobody knows could be a misspelled one: it is refused, not passed over. */
export function readHeader(
  file: RosterFileKind,
  { columns }: Pick<RosterTable, 'columns'>,
): { readonly places: ReadonlyMap<string, number>; readonly faults: RosterFault[] } {
  const known = Object.entries(COLUMNS[file]);
  const places = new Map<string, number>();
  const faults: RosterFault[] = [];
  columns.forEach((heading, index) => {
    const [name] =
      known.find(([, column]) =>
        [column.heading, ...column.aliases].some((word) => sameForm(word) === sameForm(heading)),
      ) ?? [];
    if (name !== undefined && !places.has(name)) places.set(name, index);
    else
      faults.push({
        file,
        row: 1,
        column: heading,
        message:
          name === undefined
            ? `「${heading}」列は取り込めません。列を削除するか、列名を次のいずれかに直してください：${known.map(([, column]) => column.heading).join('、')}`
            : `「${heading}」列と同じ意味の列がほかにあります。一方を削除してください。`,
      });
  });
  for (const [name, { heading, isRequired }] of known)
    if (isRequired && !places.has(name))
      faults.push({
        file,
        row: 1,
        column: heading,
        message: `「${heading}」列がありません。1行目に列を加えてください。`,
      });
  return { places, faults };
}

/** Our own files lead what looks like a formula with an apostrophe (libs/spreadsheet); it comes back without. */
const GUARDED = /^'(?=[=+\-@\t\r\n＝＋－＠])/;

/** Reads the cells of one row and collects what is wrong with them. */
export class RowCells {
  constructor(
    private readonly file: RosterFileKind,
    private readonly places: ReadonlyMap<string, number>,
    private readonly faults: RosterFault[],
    readonly row: number,
    private readonly cells: readonly string[],
  ) {}

  /** The trimmed text; undefined when the file has no such column. */
  text(column: string): string | undefined {
    const place = this.places.get(column);
    return place === undefined ? undefined : (this.cells[place] ?? '').replace(GUARDED, '').trim();
  }

  /** A text of 1 to `longest` characters on one line; what is wrong with it is noted. */
  required(column: string, longest: number): string {
    const text = this.text(column) ?? '';
    if (text === '') this.fault(column, '空です。値を入れてください。');
    else if (text.length > longest) this.fault(column, `長すぎます。${longest}文字までにしてください。`);
    else if (/\p{Cc}/u.test(text)) this.fault(column, '改行などの制御文字が入っています。取り除いてください。');
    return text;
  }

  /** One of the values by any of its words; undefined when the cell or the column is empty. */
  choice<Value extends string>(column: string, words: Readonly<Record<Value, readonly string[]>>): Value | undefined {
    const text = this.text(column);
    if (!text) return undefined;
    const choices = Object.entries(words) as [Value, readonly string[]][];
    const found = choices.find(([, names]) => names.some((name) => sameForm(name) === sameForm(text)));
    if (!found)
      this.fault(
        column,
        `「${text.slice(0, 30)}」は使えません。${choices.map(([, [name]]) => name).join('、')} のいずれかにしてください。`,
      );
    return found?.[0];
  }

  fault(column: string, message: string): void {
    const heading = COLUMNS[this.file][column]?.heading ?? column;
    this.faults.push({ file: this.file, row: this.row, column: heading, message });
  }
}
