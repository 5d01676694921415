import { TABLE_LIMITS, type Table, type TableFault, TableRefused, type TableRow } from './table.ts';

export type Cells = readonly string[];

/** A file can be wrong in every row; people need to see where it starts, not all of it. */
const FAULTS_SHOWN = 100;

/**
 * The rows of a file that hold something, as a reader comes upon them: it is told at the first one too many, and need not hold
 * or read the rest.
 */
export class FilledRows {
  private readonly rows: TableRow[] = [];
  private count = 0;

  /** @throws TableRefused for more rows than a table may have, and for one too far below the others */
  add(number: number, cells: Cells): void {
    if (this.meet(number, cells)) this.rows.push({ number, cells });
  }

  /** Counts a row without keeping it. @returns whether it holds something */
  meet(number: number, cells: readonly unknown[]): boolean {
    if (cells.every((cell) => cell === '' || cell === null)) {
      if (number > TABLE_LIMITS.lines) throw tooFarDown(TABLE_LIMITS.lines);
      return false;
    }
    if (number > 1) this.count += 1;
    if (this.count > TABLE_LIMITS.rows)
      throw new TableRefused(
        'too_large',
        `データが ${TABLE_LIMITS.rows.toLocaleString('ja-JP')} 行を超えています。ファイルを分けてください。`,
      );
    if (number > TABLE_LIMITS.lastRow) throw tooFarDown(TABLE_LIMITS.lastRow);
    return true;
  }

  get all(): readonly TableRow[] {
    return this.rows;
  }
}

const tooFarDown = (row: number): TableRefused =>
  new TableRefused(
    'too_large',
    `空の行が多すぎます（${row.toLocaleString('ja-JP')}行目より下まで続いています）。空の行を削除してください。`,
  );

/**
 * Makes a table of what a file holds: a header and rows as wide as it. Empty rows count in the numbering and are left out;
 * empty cells beyond the last column are none. @throws TableRefused with every fault's row and column
 */
export function checkTable({ all }: FilledRows): Pick<Table, 'columns' | 'rows'> {
  if (all.length === 0)
    throw new TableRefused('invalid', 'ファイルが空です。1行目に列名、2行目以降にデータを入れてください。');
  const names = all[0]!.number === 1 ? all[0]!.cells : [];
  const header = withoutEmptyEnd(names.map((name) => name.trim()));
  const faults = headerFaults(header);
  const rows = all
    .filter(({ number }) => number > 1)
    .map(({ number, cells }) => ({
      number,
      cells: cells.length > header.length ? withoutEmptyEnd(cells, header.length) : cells,
    }));
  if (rows.length === 0)
    throw new TableRefused('invalid', 'データの行がありません。2行目以降にデータを入れてください。');
  for (const { number, cells } of rows) faults.push(...rowFaults(number, cells, header));
  if (faults.length > 0)
    throw new TableRefused('invalid', `${faults.length}か所に誤りがあります。ファイルを直してください。`, [
      ...faults.slice(0, FAULTS_SHOWN),
    ]);
  return { columns: header, rows };
}

function headerFaults(header: Cells): TableFault[] {
  const faults: TableFault[] = [];
  const fault = (index: number, message: string) =>
    faults.push({ row: 1, column: index + 1, message: `1行目の${index + 1}列目：${message}` });
  if (header.length === 0) faults.push({ row: 1, column: null, message: '1行目：列名がありません。' });
  if (header.length > TABLE_LIMITS.columns)
    faults.push({ row: 1, column: null, message: `1行目：列は ${TABLE_LIMITS.columns} 列までです。` });
  header.forEach((name, index) => {
    if (name.trim() === '') fault(index, '列名が空です。');
    else if (header.indexOf(name) < index) fault(index, `列名が${header.indexOf(name) + 1}列目と同じです。`);
    else if (name.length > TABLE_LIMITS.columnNameCharacters)
      fault(index, `列名は ${TABLE_LIMITS.columnNameCharacters} 文字までです。`);
    else if (/[{}\r\n]/.test(name)) fault(index, '列名に { } や改行は使えません。');
    else if (!isStorable(name)) fault(index, '使えない文字が含まれています。');
  });
  return faults;
}

function rowFaults(row: number, cells: Cells, header: Cells): TableFault[] {
  if (cells.length !== header.length) {
    const wrong = cells.length > header.length ? '列が多すぎます' : '列が足りません';
    const message = `${row}行目：${wrong}（列名は${header.length}列、この行は${cells.length}列です）。`;
    // The first that is missing, or that has no name.
    return [{ row, column: Math.min(cells.length, header.length) + 1, message }];
  }
  return cells.flatMap((cell, index) => {
    const place = `${row}行目「${header[index]}」列`;
    if (cell.length > TABLE_LIMITS.cellCharacters)
      return [
        {
          row,
          column: index + 1,
          message: `${place}：文章は ${TABLE_LIMITS.cellCharacters.toLocaleString('ja-JP')} 文字までです。`,
        },
      ];
    if (!isStorable(cell)) return [{ row, column: index + 1, message: `${place}：使えない文字が含まれています。` }];
    return [];
  });
}

function withoutEmptyEnd(cells: Cells, least = 0): Cells {
  let length = cells.length;
  while (length > least && cells[length - 1] === '') length -= 1;
  return cells.slice(0, length);
}

/** PostgreSQL cannot store NUL, and half a surrogate pair is no text in any encoding. */
const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');
