import { Readable } from 'node:stream';
import type { DataExport } from './data-exports.ts';
import type { ExportFiles, PackedFile } from './export-files.ts';
import { directoryOf, headerOf } from './zip-layout.ts';

/** The first and the last of some bytes; both belong to them. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

interface Part {
  readonly bytes: number;
  readonly read: () => Buffer | Promise<Buffer>;
}

/** Chunks are flushed and not finished, so that they stand one after the other; this ends the last one. */
const LAST_BLOCK = Buffer.from([3, 0]);
/** Part of the tag: bytes that are laid out otherwise are other bytes. */
const LAYOUT = 1;

/**
 * An export as one ZIP. Its files are packed already, so each of its bytes is known before it is read: any part of it can be
 * sent by any process, and what is held is a chunk.
 */
export class ExportArchive {
  readonly bytes: number;
  /** Strong (RFC 9110): equal tags are equal bytes. */
  readonly tag: string;
  private readonly parts: readonly Part[];

  constructor(
    readonly made: DataExport,
    files: ExportFiles,
    list: readonly PackedFile[],
  ) {
    this.tag = `"${made.manifestSha256}-${LAYOUT}"`;
    this.parts = partsOf(files, list, made.finishedAt!);
    this.bytes = this.parts.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  stream({ first, last }: ByteRange = { first: 0, last: this.bytes - 1 }): Readable {
    return Readable.from(this.bytesOf(first, last), { objectMode: false });
  }

  private async *bytesOf(first: number, last: number): AsyncGenerator<Buffer> {
    let at = 0;
    for (const { bytes, read } of this.parts) {
      const [from, to] = [Math.max(first - at, 0), Math.min(last + 1 - at, bytes)];
      if (from < to) yield (await read()).subarray(from, to);
      at += bytes;
    }
  }
}

function partsOf(files: ExportFiles, list: readonly PackedFile[], at: Date): Part[] {
  const parts: Part[] = [];
  const entries = [];
  let start = 0;
  for (const { number, chunks, ...file } of list) {
    const entry = { ...file, packedBytes: chunks.reduce((sum, bytes) => sum + bytes, LAST_BLOCK.length), start };
    const header = headerOf(entry, at);
    parts.push(
      asPart(header),
      ...chunks.map((bytes, chunk) => ({ bytes, read: () => files.read(number, chunk) })),
      asPart(LAST_BLOCK),
    );
    entries.push(entry);
    start += header.length + entry.packedBytes;
  }
  return [...parts, asPart(directoryOf(entries, start, at))];
}

const asPart = (buffer: Buffer): Part => ({ bytes: buffer.length, read: () => buffer });
