import { type Entry, type ZipFile, fromBuffer } from 'yauzl';
import { TableRefused } from './table.ts';

const LESS_THAN = 0x3c;
const COLON = 0x3a;

/**
 * Unfolds every part of an archive without keeping it, so that a small file that unfolds to gigabytes is refused before
 * anything holds it in memory. What the archive says of its sizes is not believed.
 * @returns how many rows the longest sheet in it can have at most
 * @throws TableRefused
 */
export async function unfold(archive: Uint8Array, limit: number): Promise<number> {
  let total = 0;
  let mostRows = 0;
  try {
    const zip = await open(archive);
    for await (const entry of entriesOf(zip)) {
      const rows = new RowTags();
      for await (const piece of await contentOf(zip, entry)) {
        const bytes = piece as Buffer;
        total += bytes.length;
        if (total > limit) throw new TableRefused('too_large', 'XLSX ファイルの中身が大きすぎます。');
        rows.look(bytes);
      }
      mostRows = Math.max(mostRows, rows.count);
    }
  } catch (error) {
    if (error instanceof TableRefused) throw error;
    throw new TableRefused('unreadable', 'XLSX ファイルが壊れています。Excel で開き、保存し直してください。');
  }
  return mostRows;
}

/** Counts the beginnings of rows in XML, `<row` or `<x:row`, also where two pieces meet. */
class RowTags {
  count = 0;
  private end = Buffer.alloc(0);

  look(piece: Buffer): void {
    const bytes = Buffer.concat([this.end, piece]);
    for (let at = bytes.indexOf('row', 1); at > 0; at = bytes.indexOf('row', at + 3))
      if (bytes[at - 1] === LESS_THAN || bytes[at - 1] === COLON) this.count += 1;
    this.end = bytes.subarray(-'row'.length);
  }
}

const open = (archive: Uint8Array): Promise<ZipFile> =>
  new Promise((resolve, reject) =>
    fromBuffer(
      Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength),
      { lazyEntries: true },
      (error, zip) => (error ? reject(error) : resolve(zip)),
    ),
  );

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  for (;;) {
    const entry = await new Promise<Entry | null>((resolve, reject) => {
      zip
        .once('entry', resolve)
        .once('end', () => resolve(null))
        .once('error', reject);
      zip.readEntry();
    });
    zip.removeAllListeners();
    if (!entry) return;
    yield entry;
  }
}

const contentOf = (zip: ZipFile, entry: Entry): Promise<NodeJS.ReadableStream> =>
  new Promise((resolve, reject) =>
    zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream))),
  );
