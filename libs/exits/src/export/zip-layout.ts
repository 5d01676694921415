/** A file as it lies in the archive. */
export interface ZipEntry {
  readonly path: string;
  /** Before deflating. */
  readonly bytes: number;
  readonly packedBytes: number;
  readonly crc32: number;
}

/** The width of a field in bytes, and what stands in it. */
type Field = readonly [2 | 4 | 8, number];

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const END_64_PLACE = 0x07064b50;
const SIZES_64 = 0x0001;

const NAMES_ARE_UTF_8 = 0x0800;
const DEFLATED = 8;
const PLAIN_VERSION = 20;
const VERSION_64 = 45;
const MADE_ON_UNIX = 3 << 8;
/** A regular file that its owner may change and everybody may read. */
const FILE_MODE = 0o100644 * 0x10000;
/** Stands where a number does not fit: the 64-bit field has it. */
const FULL_16 = 0xffff;
const FULL_32 = 0xffffffff;
const JST_MS = 9 * 3_600_000;

/**
 * What stands in a ZIP beside its files (APPNOTE 6.3.10, ZIP64 only where a number needs it). Written here and by no library:
 * those write a ZIP from its beginning, and a download that goes on begins in the middle.
 */
export function headerOf(entry: ZipEntry, at: Date): Buffer {
  const name = Buffer.from(entry.path);
  const isLarge = entry.bytes >= FULL_32 || entry.packedBytes >= FULL_32;
  const more = isLarge ? sizes64([entry.bytes, entry.packedBytes]) : Buffer.alloc(0);
  return Buffer.concat([fields([4, LOCAL], ...factsOf(entry, at, isLarge, name, more)), name, more]);
}

/** The table of contents at the end. @param entries with the place of each header in the archive; @param start of the table itself */
export function directoryOf(
  entries: readonly (ZipEntry & { readonly start: number })[],
  start: number,
  at: Date,
): Buffer {
  const list = Buffer.concat(entries.map((entry) => listed(entry, at)));
  const numbers = [entries.length, list.length, start] as const;
  return Buffer.concat([list, isBeyond(...numbers) ? end64(...numbers) : Buffer.alloc(0), endOf(...numbers)]);
}

function listed(entry: ZipEntry & { readonly start: number }, at: Date): Buffer {
  const name = Buffer.from(entry.path);
  const places = [entry.bytes, entry.packedBytes, entry.start];
  const isLarge = places.some((place) => place >= FULL_32);
  const more = isLarge ? sizes64(places) : Buffer.alloc(0);
  return Buffer.concat([
    fields(
      [4, CENTRAL],
      [2, MADE_ON_UNIX + VERSION_64],
      ...factsOf(entry, at, isLarge, name, more),
      // No comment, on the first disk, of no particular kind
      [2, 0],
      [2, 0],
      [2, 0],
      [4, FILE_MODE],
      [4, isLarge ? FULL_32 : entry.start],
    ),
    name,
    more,
  ]);
}

const factsOf = (entry: ZipEntry, at: Date, isLarge: boolean, name: Buffer, more: Buffer): Field[] => [
  [2, isLarge ? VERSION_64 : PLAIN_VERSION],
  [2, NAMES_ARE_UTF_8],
  [2, DEFLATED],
  ...dosTime(at),
  [4, entry.crc32],
  [4, isLarge ? FULL_32 : entry.packedBytes],
  [4, isLarge ? FULL_32 : entry.bytes],
  [2, name.length],
  [2, more.length],
];

const sizes64 = (sizes: readonly number[]): Buffer =>
  fields([2, SIZES_64], [2, sizes.length * 8], ...sizes.map((size): Field => [8, size]));

const isBeyond = (count: number, bytes: number, start: number): boolean =>
  count >= FULL_16 || bytes >= FULL_32 || start >= FULL_32;

function end64(count: number, bytes: number, start: number): Buffer {
  const record = fields(
    [2, VERSION_64],
    [2, VERSION_64],
    [4, 0],
    [4, 0],
    [8, count],
    [8, count],
    [8, bytes],
    [8, start],
  );
  return Buffer.concat([
    fields([4, END_64], [8, record.length]),
    record,
    fields([4, END_64_PLACE], [4, 0], [8, start + bytes], [4, 1]),
  ]);
}

function endOf(count: number, bytes: number, start: number): Buffer {
  const shown = Math.min(count, FULL_16);
  return fields(
    [4, END],
    [2, 0],
    [2, 0],
    [2, shown],
    [2, shown],
    [4, Math.min(bytes, FULL_32)],
    [4, Math.min(start, FULL_32)],
    [2, 0],
  );
}

/** To two seconds, in the time of the wall: that of Japan, wherever the server stands. */
function dosTime(at: Date): Field[] {
  const wall = new Date(at.getTime() + JST_MS);
  const time = (wall.getUTCHours() << 11) | (wall.getUTCMinutes() << 5) | (wall.getUTCSeconds() >> 1);
  const day = ((wall.getUTCFullYear() - 1980) << 9) | ((wall.getUTCMonth() + 1) << 5) | wall.getUTCDate();
  return [
    [2, time],
    [2, day],
  ];
}

/** Little-endian, one after the other. */
function fields(...list: readonly Field[]): Buffer {
  const buffer = Buffer.alloc(list.reduce((sum, [width]) => sum + width, 0));
  let at = 0;
  for (const [width, value] of list) {
    if (width === 8) buffer.writeBigUInt64LE(BigInt(value), at);
    else buffer.writeUIntLE(value, at, width);
    at += width;
  }
  return buffer;
}
