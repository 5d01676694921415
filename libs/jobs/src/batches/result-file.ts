import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify';
import { writeXlsxStream } from 'hucre/xlsx';
import type { BatchRowView } from './batch.ts';
import type { BatchResults } from './batch-reader.ts';

/** The words of a result that the domain does not have. */
export interface ResultWords {
  readonly answer: string;
  readonly status: string;
  readonly note: string;
  readonly statusOf: (row: BatchRowView) => string;
  readonly noteOf: (row: BatchRowView) => string;
}

/**
 * The file's own columns, then answer, status and note, for spreadsheets: UTF-8 with a byte order mark (Excel reads it as
 * Japanese) and CRLF. A cell that a spreadsheet would take for a formula (= + - @ tab CR, also full-width) is led by an
 * apostrophe: neither the file nor the model is to be trusted.
 */
export function resultCsv(results: BatchResults, words: ResultWords): Readable {
  const lines = stringify({ bom: true, record_delimiter: 'windows', escape_formulas: true });
  return Readable.from(linesOf(results, words)).compose(lines);
}

/** The same as a workbook. Every cell is text, which no spreadsheet calculates, so nothing needs to be changed. */
export function resultXlsx(results: BatchResults, words: ResultWords): Readable {
  const file = writeXlsxStream(linesOf(results, words), { name: 'Sheet1' });
  return Readable.fromWeb(file);
}

async function* linesOf({ columns, rows }: BatchResults, words: ResultWords): AsyncGenerator<string[]> {
  yield [...columns, ...[words.answer, words.status, words.note].map((name) => unusedName(name, columns))];
  for await (const row of rows) yield [...row.cells, row.answer ?? '', words.statusOf(row), words.noteOf(row)];
}

/** A column of the file keeps its name; ours gives way. */
const unusedName = (name: string, columns: readonly string[]): string =>
  columns.includes(name) ? unusedName(`${name}（もやい）`, columns) : name;
