import { type Cell, type CellValue, type Sheet, readXlsx as readWorkbook } from 'hucre/xlsx';
import { EncryptedFileError } from 'hucre';
import { cellText } from './cell-text.ts';
import { checkTable } from './check-table.ts';
import { TABLE_LIMITS, type Table, type TableFault, TableRefused } from './table.ts';
import { assertUnfoldsWithin } from './unfolded-size.ts';

const FAULTS_SHOWN = 100;

/** Reads the first visible sheet of an XLSX file as a person sees it. @throws TableRefused */
export async function readXlsx(bytes: Uint8Array): Promise<Table> {
  await assertUnfoldsWithin(bytes, TABLE_LIMITS.unfoldedBytes);
  const sheet = await firstSheet(bytes);
  return { format: 'xlsx', encoding: null, ...checkTable(textOf(sheet)) };
}

async function firstSheet(bytes: Uint8Array): Promise<Sheet> {
  let found = false;
  try {
    const { sheets } = await readWorkbook(bytes, {
      // The number formats are styles
      readStyles: true,
      maxRows: TABLE_LIMITS.rows + 2,
      sheets: ({ hidden, veryHidden }) => !found && !hidden && !veryHidden && (found = true),
    });
    if (sheets[0]) return sheets[0];
  } catch (error) {
    if (error instanceof EncryptedFileError) throw passwordProtected();
    throw new TableRefused('unreadable', 'XLSX ファイルが壊れています。Excel で開き、保存し直してください。');
  }
  throw new TableRefused('unreadable', '表示されているシートがありません。');
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
