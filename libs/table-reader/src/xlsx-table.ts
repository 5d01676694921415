import { type Cell, type CellValue, type Sheet, readXlsx as readWorkbook, streamXlsxRows } from 'hucre/xlsx';
import { EncryptedFileError } from 'hucre';
import { cellText } from './cell-text.ts';
import { FilledRows, checkTable } from './check-table.ts';
import { TABLE_LIMITS, type Table, type TableFault, TableRefused } from './table.ts';
import { unfold } from './unfold.ts';

const FAULTS_SHOWN = 100;

/** Rows that are read without looking first how many there are: a table as long as it may be, and its header. */
const READ_AT_ONCE = TABLE_LIMITS.rows + 1;

/** Reads the first visible sheet of an XLSX file as a person sees it. @throws TableRefused */
export async function readXlsx(bytes: Uint8Array): Promise<Table> {
  const mostRows = await unfold(bytes, TABLE_LIMITS.unfoldedBytes);
  const sheet = await firstSheet(bytes, mostRows);
  const rows = new FilledRows();
  textOf(sheet).forEach((cells, index) => rows.add(index + 1, cells));
  return { format: 'xlsx', encoding: null, ...checkTable(rows) };
}

async function firstSheet(bytes: Uint8Array, mostRows: number): Promise<Sheet> {
  try {
    if (mostRows > READ_AT_ONCE) return await readRows(bytes, Math.max(READ_AT_ONCE, await lastFilledOf(bytes)));
    // The reader gives up on a sheet with a cell far below the others, though nothing may stand in it
    return await readRows(bytes, READ_AT_ONCE).catch(async () => readRows(bytes, await lastFilledOf(bytes)));
  } catch (error) {
    if (error instanceof TableRefused) throw error;
    if (error instanceof EncryptedFileError) throw passwordProtected();
    throw new TableRefused('unreadable', 'XLSX ファイルが壊れています。Excel で開き、保存し直してください。');
  }
}

async function readRows(bytes: Uint8Array, maxRows: number): Promise<Sheet> {
  // The number formats are styles
  const { sheets } = await readWorkbook(bytes, { readStyles: true, maxRows, sheets: firstVisible() });
  if (sheets[0]) return sheets[0];
  throw new TableRefused('unreadable', '表示されているシートがありません。');
}

/**
 * Goes through a sheet without holding it. The reader counts rows as they stand in the file, where an empty one may be there
 * or not. @returns how many it has to read to reach the last one that holds something, one at least
 */
async function lastFilledOf(bytes: Uint8Array): Promise<number> {
  let sheet = -1;
  const first = firstVisible();
  await readWorkbook(bytes, {
    sheets: (info) => {
      if (first(info)) sheet = info.index;
      return false;
    },
  });
  if (sheet < 0) return 1;
  const filled = new FilledRows();
  let read = 0;
  let last = 1;
  for await (const { index, values } of streamXlsxRows(bytes, { sheet })) {
    read += 1;
    if (filled.meet(index + 1, values)) last = read;
  }
  return last;
}

/** Picks the first sheet that a person sees. */
function firstVisible(): (info: { hidden?: boolean; veryHidden?: boolean }) => boolean {
  let found = false;
  return ({ hidden, veryHidden }) => !found && !hidden && !veryHidden && (found = true);
}

export const passwordProtected = (): TableRefused =>
  new TableRefused(
    'unreadable',
    'パスワードで保護されたファイル、または古い形式（.xls）のファイルです。保護を外して「Excel ブック（.xlsx）」で保存し直してください。',
  );

function textOf({ rows, cells }: Sheet): string[][] {
  const faults: TableFault[] = [];
  const records = rows.map((values, row) =>
    values.map((value, column) => {
      const cell = cells?.get(`${row},${column}`);
      const fault = faultOf(cell);
      if (fault)
        faults.push({ row: row + 1, column: column + 1, message: `${row + 1}行目の${column + 1}列目：${fault}` });
      return fault ? '' : cellText(valueOf(value, cell), cell?.style?.numFmt);
    }),
  );
  if (faults.length > 0)
    throw new TableRefused('invalid', `${faults.length}か所に誤りがあります。ファイルを直してください。`, [
      ...faults.slice(0, FAULTS_SHOWN),
    ]);
  return records;
}

/** A formula stands for the result that was saved with it: nothing is calculated here. */
const valueOf = (value: CellValue, cell: Cell | undefined): CellValue =>
  cell?.formula === undefined ? value : (cell.formulaResult ?? null);

function faultOf(cell: Cell | undefined): string | null {
  if (!cell) return null;
  if (cell.formula !== undefined && (cell.formulaResult === undefined || cell.formulaResult === null))
    return '数式の結果が保存されていません。Excel で開き、保存し直してください。';
  const shown = valueOf(cell.value, cell);
  if (cell.type === 'error' || (cell.formula !== undefined && typeof shown === 'string' && /^#[A-Z/0!?]+$/.test(shown)))
    return 'エラー値（#N/A など）が入っています。値を直してください。';
  return null;
}
