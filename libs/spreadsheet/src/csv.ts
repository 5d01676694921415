import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify';
import { stringify as stringifyAtOnce } from 'csv-stringify/sync';
import type { Cell, StreamedTable, Table } from './table.ts';

// Quoting of line ends must not hang on which of them separates the records
const DIALECT = { record_delimiter: 'windows', quoted_match: /[\r\n]/ } as const;

/** What Excel, LibreOffice and Google read as the beginning of a formula, or strip to find one behind. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

export interface CsvOptions {
  /** The byte order mark by which Excel knows UTF-8; formats that machines read have none. */
  readonly bom?: boolean;
}

export const csvOf = (table: Table, { bom = true }: CsvOptions = {}): string =>
  stringifyAtOnce([...recordsOf(table)], { ...DIALECT, bom });

/** The same, without holding the table in memory. */
export const csvStream = (table: StreamedTable, { bom = true }: CsvOptions = {}): Readable =>
  Readable.from(streamedRecordsOf(table)).compose(stringify({ ...DIALECT, bom }));

function* recordsOf({ columns, rows }: Table): Generator<string[]> {
  yield columns.map(({ header }) => safeText(header));
  for (const row of rows) yield recordOf(columns, row);
}

async function* streamedRecordsOf({ columns, rows }: StreamedTable): AsyncGenerator<string[]> {
  yield columns.map(({ header }) => safeText(header));
  for await (const row of rows) yield recordOf(columns, row);
}

const recordOf = (columns: Table['columns'], row: readonly Cell[]): string[] =>
  row.map((cell, index) => (columns[index]?.kind === 'text' ? safeText(String(cell ?? '')) : String(cell ?? '')));

const safeText = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);
