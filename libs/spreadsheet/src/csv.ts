import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify';
import { stringify as stringifyAtOnce } from 'csv-stringify/sync';
import type { Cell, Table } from './table.ts';

// Quoting of line ends must not hang on which of them separates the records
const DIALECT = { bom: true, record_delimiter: 'windows', quoted_match: /[\r\n]/ } as const;

/** What Excel, LibreOffice and Google read as the beginning of a formula, or strip to find one behind. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

export const csvOf = (table: Table<Iterable<readonly Cell[]>>): string =>
  stringifyAtOnce([...recordsOf(table)], DIALECT);

/** The same, without holding the table in memory. */
export const csvStream = (table: Table): Readable =>
  Readable.from(streamedRecordsOf(table)).compose(stringify(DIALECT));

function* recordsOf({ columns, rows }: Table<Iterable<readonly Cell[]>>): Generator<string[]> {
  yield columns.map(({ header }) => safeText(header));
  for (const row of rows) yield recordOf(columns, row);
}

async function* streamedRecordsOf({ columns, rows }: Table): AsyncGenerator<string[]> {
  yield columns.map(({ header }) => safeText(header));
  for await (const row of rows) yield recordOf(columns, row);
}

const recordOf = (columns: Table['columns'], row: readonly Cell[]): string[] =>
  row.map((cell, index) => (columns[index]?.kind === 'text' ? safeText(String(cell ?? '')) : String(cell ?? '')));

const safeText = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);
