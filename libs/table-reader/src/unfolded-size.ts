import { type Entry, type ZipFile, fromBuffer } from 'yauzl';
import { TableRefused } from './table.ts';

/**
 * Unfolds every part of an archive without keeping it, so that a small file that unfolds to gigabytes is refused before
 * anything holds it in memory. What the archive says of its sizes is not believed. @throws TableRefused
 */
export async function assertUnfoldsWithin(archive: Uint8Array, limit: number): Promise<void> {
  let total = 0;
  try {
    const zip = await open(archive);
    for await (const entry of entriesOf(zip)) {
      for await (const piece of await contentOf(zip, entry)) {
        total += (piece as Buffer).length;
        if (total > limit) throw new TableRefused('too_large', 'XLSX ファイルの中身が大きすぎます。');
      }
    }
  } catch (error) {
    if (error instanceof TableRefused) throw error;
    throw new TableRefused('unreadable', 'XLSX ファイルが壊れています。Excel で開き、保存し直してください。');
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
