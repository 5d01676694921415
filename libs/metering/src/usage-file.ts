import { DomainError, type FieldFault } from '#libs/kernel';

/** Columns of an import by name, and the type each has in the database. */
const TYPES = {
  city_code: 'text NOT NULL',
  department_code: 'text',
  segment: 'text NOT NULL',
  model: 'text NOT NULL',
  deployment_id: 'text NOT NULL',
  call: 'text NOT NULL',
  accepted_at: 'timestamptz NOT NULL',
  input_tokens: 'bigint NOT NULL',
  output_tokens: 'bigint NOT NULL',
  cache_read_tokens: 'bigint NOT NULL DEFAULT 0',
  cache_write_tokens: 'bigint NOT NULL DEFAULT 0',
  input_characters: 'bigint NOT NULL DEFAULT 0',
  output_characters: 'bigint NOT NULL DEFAULT 0',
} as const;
export type UsageColumn = keyof typeof TYPES;

export const USAGE_COLUMNS = Object.keys(TYPES) as readonly UsageColumn[];
export const COLUMN_DEFINITIONS = USAGE_COLUMNS.map((name) => `${name} ${TYPES[name]}`).join(', ');
const REQUIRED = USAGE_COLUMNS.filter((name) => TYPES[name].endsWith('NOT NULL'));

export const USAGE_FILE_LIMITS = { bytes: 256 * 1024 * 1024, headerBytes: 4_096 } as const;

const NEWLINE = 0x0a;

export const importInvalid = (...faults: FieldFault[]): DomainError =>
  new DomainError('METERING.IMPORT_INVALID', { faults });

/** A file of usage as it arrives: its header, read, and the rows behind it, as they are. */
export interface UsageFile {
  readonly columns: readonly UsageColumn[];
  readonly rows: AsyncIterable<Uint8Array>;
}

/**
 * Reads the header of a CSV file in UTF-8 and leaves its rows to the database.
 * @throws DomainError METERING.IMPORT_INVALID for a header that lacks a column, has one twice or one nobody knows;
 *   METERING.IMPORT_TOO_LARGE, also while the rows are read
 */
export async function openUsageFile(body: AsyncIterable<Uint8Array>): Promise<UsageFile> {
  const pieces = bounded(body)[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (!head.includes(NEWLINE) && head.length <= USAGE_FILE_LIMITS.headerBytes) {
    const { value, done } = await pieces.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  const end = head.includes(NEWLINE) ? head.indexOf(NEWLINE) : head.length;
  const columns = readHeader(head.subarray(0, end).toString('utf8'));
  return {
    columns,
    rows: (async function* () {
      if (end + 1 < head.length) yield head.subarray(end + 1);
      for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
    })(),
  };
}

async function* bounded(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > USAGE_FILE_LIMITS.bytes)
      throw new DomainError('METERING.IMPORT_TOO_LARGE', {
        detail: `ファイルは ${USAGE_FILE_LIMITS.bytes / 1024 / 1024} MB までです。分けて送信してください。`,
      });
    yield piece;
  }
}

function readHeader(line: string): UsageColumn[] {
  const names = line
    .replace(/^\uFEFF/, '')
    .trim()
    .split(',')
    .map((name) => name.trim().replace(/^"(.*)"$/, '$1'));
  const known = names.filter((name): name is UsageColumn => (USAGE_COLUMNS as readonly string[]).includes(name));
  const isClean = known.length === names.length && new Set(known).size === known.length;
  const missing = REQUIRED.filter((name) => !known.includes(name));
  if (isClean && missing.length === 0) return known;
  const wanted = `1行目に列の名前を書いてください（必須：${REQUIRED.join(', ')}）。`;
  const lacking = missing.length > 0 ? `足りない列：${missing.join(', ')}。` : '知らない列か、重複した列があります。';
  throw importInvalid({ pointer: '/1', message: `${lacking}${wanted}` });
}
