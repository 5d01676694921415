import type { Readable } from 'node:stream';
import { type StreamedTable, csvStream, fitsCell, tableOf, workbookStream } from '#libs/spreadsheet';
import type { BatchRowView } from './batch.ts';
import type { BatchResults } from './batch-reader.ts';

/** The words of a result that the domain does not have. */
export interface ResultWords {
  readonly answer: string;
  readonly status: string;
  readonly note: string;
  readonly statusOf: (row: BatchRowView) => string;
  readonly noteOf: (row: BatchRowView) => string;
  /** Of an answer that a workbook's cell does not hold whole. */
  readonly cutInWorkbook: string;
}

/** The file's own columns, then answer, status and note. Neither the file nor the model is trusted: every cell is text. */
export const resultCsv = (results: BatchResults, words: ResultWords): Readable => csvStream(tableWith(results, words));

/** The same as a workbook. Where a cell does not hold an answer whole, the row's note says so. */
export const resultXlsx = (results: BatchResults, words: ResultWords): Readable =>
  workbookStream(
    tableWith(results, {
      ...words,
      noteOf: (row) => words.noteOf(row) + (fitsCell(row.answer ?? '') ? '' : words.cutInWorkbook),
    }),
  );

function tableWith({ columns, rows }: BatchResults, words: ResultWords): StreamedTable {
  const headers = [...columns, ...[words.answer, words.status, words.note].map((name) => unusedName(name, columns))];
  return tableOf(
    'Sheet1',
    headers.map((header, index) => ({ header, kind: 'text', of: (cells: readonly string[]) => cells[index] ?? '' })),
    linesOf(rows, words),
  );
}

async function* linesOf(rows: BatchResults['rows'], words: ResultWords): AsyncGenerator<string[]> {
  for await (const row of rows) yield [...row.cells, row.answer ?? '', words.statusOf(row), words.noteOf(row)];
}

/** A column of the file keeps its name; ours gives way. */
const unusedName = (name: string, columns: readonly string[]): string =>
  columns.includes(name) ? unusedName(`${name}（もやい）`, columns) : name;
