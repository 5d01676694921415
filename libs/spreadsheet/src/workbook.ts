import { Readable } from 'node:stream';
import { type CellValue, type ColumnDef, type WriteSheet, writeXlsx, writeXlsxStream } from 'hucre/xlsx';
import type { Cell, ColumnKind, StreamedTable, Table } from './table.ts';

const HEADER_STYLE = { font: { bold: true }, alignment: { wrapText: true, vertical: 'top' } } as const;
const FORMATS: Record<ColumnKind, string | undefined> = {
  text: '@',
  integer: '#,##0',
  decimal: undefined,
  day: 'yyyy-mm-dd',
};
/** IEEE doubles keep this many decimal digits, and so do spreadsheets. */
const EXACT_DIGITS = 15;

/** What a cell of Excel holds at most; a workbook with more in one is reported as damaged and "repaired". */
const CELL_CHARACTERS = 32_767;
const GOES_ON = '…';

/** In place of the time of writing, which would make each copy of one document another file. The ZIP format begins here. */
const MODIFIED = new Date('1980-01-01T00:00:00Z');

/** A workbook with a sheet for each table. The same tables are the same bytes, whenever they are asked for. */
export const workbookOf = (tables: readonly Table[]): Promise<Uint8Array> =>
  writeXlsx({ sheets: tables.map(sheetOf), properties: { modified: MODIFIED } });

function sheetOf({ name, columns, rows }: Table): WriteSheet {
  const body = [...rows].map((row) => row.map((cell, index) => valueOf(columns[index]?.kind ?? 'text', cell)));
  return {
    name: sheetName(name),
    columns: columns.map(({ kind }) => ({ numFmt: FORMATS[kind], autoWidth: true })),
    rows: [columns.map(({ header }) => header), ...body],
    cells: new Map(columns.map(({ header }, index) => [`0,${index}`, { value: header, style: HEADER_STYLE }])),
    freezePane: { rows: 1 },
  };
}

/** One table as a workbook of one sheet, without holding it in memory. Beyond a sheet's last row it goes on in the next. */
export function workbookStream(table: StreamedTable): Readable {
  const columns = table.columns.map(({ header, kind }): ColumnDef => ({ header, numFmt: FORMATS[kind], width: 16 }));
  return Readable.fromWeb(
    writeXlsxStream(streamedValuesOf(table), { name: sheetName(table.name), columns, freezePane: { rows: 1 } }),
  );
}

async function* streamedValuesOf({ columns, rows }: StreamedTable): AsyncGenerator<CellValue[]> {
  for await (const row of rows) yield row.map((cell, index) => valueOf(columns[index]?.kind ?? 'text', cell));
}

function valueOf(kind: ColumnKind, cell: Cell): CellValue {
  if (cell === null) return null;
  if (kind === 'text') return fitting(String(cell));
  if (kind === 'day') return new Date(`${cell}T00:00:00Z`);
  const digits = String(cell).replace(/^-|\./g, '').replace(/^0+/, '');
  return digits.length > EXACT_DIGITS ? fitting(String(cell)) : Number(cell);
}

/** Whether a workbook's cell holds the text whole; what does not fit is cut, and a table that may have such text says so. */
export const fitsCell = (text: string): boolean => text.length <= CELL_CHARACTERS;

/** Cut where it becomes too long, between two characters. */
const fitting = (text: string): string =>
  fitsCell(text) ? text : text.slice(0, CELL_CHARACTERS - GOES_ON.length).replace(/[\ud800-\udbff]$/, '') + GOES_ON;

/** Excel allows 31 characters, and some not at all. */
const sheetName = (name: string): string => name.replace(/[\\/?*[\]:]/g, '＿').slice(0, 31);
