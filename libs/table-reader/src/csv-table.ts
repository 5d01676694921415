import { CsvError, parse } from 'csv-parse/sync';
import { type Cells, FilledRows, checkTable } from './check-table.ts';
import { TABLE_LIMITS, type Table, TableRefused } from './table.ts';
import { decodeText } from './text-encoding.ts';

/** Reads a CSV file (RFC 4180). @throws TableRefused */
export function readCsv(bytes: Uint8Array): Table {
  const { text, encoding } = decodeText(bytes);
  return { format: 'csv', encoding, ...checkTable(rowsOf(text)) };
}

function rowsOf(text: string): FilledRows {
  const rows = new FilledRows();
  try {
    parse(text, {
      // How wide a row is we judge ourselves, to name all that are wrong
      relax_column_count: true,
      max_record_size: TABLE_LIMITS.bytes,
      on_record: (cells: Cells, { records }) => {
        rows.add(records, cells);
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const row = typeof error['records'] === 'number' ? error['records'] + 1 : 1;
    throw new TableRefused('unreadable', `CSV の引用符（"）の対応が正しくありません（${row}行目付近）。`, [
      { row, column: null, message: `${row}行目：引用符（"）の対応を確認してください。` },
    ]);
  }
  return rows;
}
