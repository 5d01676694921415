import { readCsv } from './csv-table.ts';
import { TABLE_LIMITS, type TableResult, TableRefused } from './table.ts';
import { passwordProtected, readXlsx } from './xlsx-table.ts';

const ARCHIVE = [0x50, 0x4b];
/** The container of old Excel files, and of new ones with a password. */
const COMPOUND = [0xd0, 0xcf, 0x11, 0xe0];

/** Reads a file by what it is, not by what it is called. */
export async function readTable(bytes: Uint8Array): Promise<TableResult> {
  try {
    if (bytes.length > TABLE_LIMITS.bytes) throw new TableRefused('too_large', 'ファイルは 20 MB までです。');
    if (beginsWith(bytes, COMPOUND)) throw passwordProtected();
    return { table: beginsWith(bytes, ARCHIVE) ? await readXlsx(bytes) : readCsv(bytes), refusal: null };
  } catch (error) {
    if (error instanceof TableRefused) return { table: null, refusal: error.refusal };
    throw error;
  }
}

const beginsWith = (bytes: Uint8Array, mark: readonly number[]): boolean =>
  mark.every((byte, index) => bytes[index] === byte);
