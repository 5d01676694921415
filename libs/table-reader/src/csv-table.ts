import { CsvError, parse } from 'csv-parse/sync';
import { type Cells, checkTable } from './check-table.ts';
import { TABLE_LIMITS, type Table, TableRefused } from './table.ts';
import { decodeText } from './text-encoding.ts';

/** Reads a CSV file (RFC 4180). @throws TableRefused */
export function readCsv(bytes: Uint8Array): Table {
  const { text, encoding } = decodeText(bytes);
  return { format: 'csv', encoding, ...checkTable(parseRecords(text)) };
}

function parseRecords(text: string): Cells[] {
  try {
    return parse(text, {
      // How wide a row is we judge ourselves, to name all that are wrong
      relax_column_count: true,
      max_record_size: TABLE_LIMITS.bytes,
      // One more than may be there: enough to know that there are too many
      to: TABLE_LIMITS.rows + 2,
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const row = typeof error['records'] === 'number' ? error['records'] + 1 : 1;
    throw new TableRefused('unreadable', `CSV の引用符（"）の対応が正しくありません（${row}行目付近）。`, [
      { row, column: null, message: `${row}行目：引用符（"）の対応を確認してください。` },
    ]);
  }
}
