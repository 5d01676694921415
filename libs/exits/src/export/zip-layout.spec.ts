import { Readable } from 'node:stream';
import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type Entry, RandomAccessReader, type ZipFile, fromRandomAccessReader } from 'yauzl';
import { type ZipEntry, directoryOf, headerOf } from './zip-layout.ts';

const AT = new Date('2026-11-22T15:30:20Z');
const GIB = 2 ** 30;

/** An archive with holes where files are too large to be written for a test: they read as zeroes. */
class Sparse extends RandomAccessReader {
  readonly pieces: { readonly start: number; readonly bytes: Buffer }[] = [];
  size = 0;

  put(bytes: Buffer): void {
    this.pieces.push({ start: this.size, bytes });
    this.size += bytes.length;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const range = Buffer.alloc(end - start);
    for (let at = this.pieces.length - 1; at >= 0; at -= 1) {
      const piece = this.pieces[at]!;
      if (piece.start + piece.bytes.length <= start) break;
      const [into, from] = [Math.max(piece.start - start, 0), Math.max(start - piece.start, 0)];
      if (piece.start < end) piece.bytes.copy(range, into, from);
    }
    return Readable.from([range]);
  }
}

function archiveOf(files: readonly (ZipEntry & { readonly body?: Buffer })[]): Sparse {
  const archive = new Sparse();
  const entries = files.map(({ body, ...entry }) => {
    const listed = { ...entry, start: archive.size };
    archive.put(headerOf(entry, AT));
    if (body) archive.put(body);
    else archive.size += entry.packedBytes;
    return listed;
  });
  archive.put(directoryOf(entries, archive.size, AT));
  return archive;
}

const open = (archive: Sparse): Promise<ZipFile> =>
  new Promise((resolve, reject) => {
    fromRandomAccessReader(archive, archive.size, { lazyEntries: true, autoClose: false }, (fault, zip) =>
      fault ? reject(fault) : resolve(zip),
    );
  });

const entriesOf = (zip: ZipFile): Promise<Entry[]> =>
  new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    zip.on('entry', (entry: Entry) => {
      entries.push(entry);
      zip.readEntry();
    });
    zip.on('end', () => resolve(entries));
    zip.on('error', reject);
    zip.readEntry();
  });

const contentOf = (zip: ZipFile, entry: Entry): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    zip.openReadStream(entry, (fault, stream) => {
      if (fault) return reject(fault);
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => resolve(Buffer.concat(pieces)));
      stream.on('error', reject);
    });
  });

function packed(path: string, text: string): ZipEntry & { readonly body: Buffer } {
  const body = deflateRawSync(text);
  return { path, bytes: Buffer.byteLength(text), packedBytes: body.length, crc32: crc32(text), body };
}

const vast = (path: string, bytes: number): ZipEntry => ({ path, bytes, packedBytes: bytes - GIB, crc32: 0xfedcba98 });

describe('the layout of an archive', () => {
  it('is read by others: names, content, and the time on the wall', async () => {
    const zip = await open(archiveOf([packed('はじめに.txt', 'こんにちは'), packed('空.txt', '')]));
    const [first, second] = await entriesOf(zip);
    expect(first!.fileName).toBe('はじめに.txt');
    expect(first!.getLastModDate({ timezone: 'UTC' })).toEqual(new Date('2026-11-23T00:30:20Z'));
    expect((await contentOf(zip, first!)).toString()).toBe('こんにちは');
    expect((await contentOf(zip, second!)).toString()).toBe('');
  });

  it('holds files beyond 4 GiB, and files that begin beyond', async () => {
    const files = [vast('a.jsonl', 7 * GIB), packed('b.txt', 'zwei'), vast('c.jsonl', 5 * GIB - 1)];
    const zip = await open(archiveOf(files));
    const entries = await entriesOf(zip);
    expect(entries.map((entry) => [entry.fileName, entry.uncompressedSize, entry.compressedSize])).toEqual(
      files.map(({ path, bytes, packedBytes }) => [path, bytes, packedBytes]),
    );
    expect((await contentOf(zip, entries[1]!)).toString()).toBe('zwei');
  });

  it('holds more files than 16 bits count', async () => {
    const empty = { ...packed('空.txt', ''), start: 0 };
    const archive = new Sparse();
    archive.put(
      directoryOf(
        Array.from({ length: 70_000 }, () => empty),
        0,
        AT,
      ),
    );
    expect((await open(archive)).entryCount).toBe(70_000);
  });
});
