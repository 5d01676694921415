import { Zip, ZipPassThrough } from 'fflate';
import type { InvoiceFile } from './invoice-files.ts';

/**
 * A ZIP of files, written while they come: what is held is one file. Nothing is compressed, for a PDF is already.
 * @param on the day every entry is dated by, so that the same files are the same archive
 */
export async function* archiveOf(files: AsyncIterable<InvoiceFile>, on: string): AsyncGenerator<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const zip = new Zip((fault, chunk) => {
    if (fault) throw fault;
    chunks.push(chunk);
  });
  for await (const { name, body } of files) {
    const entry = new ZipPassThrough(name);
    entry.mtime = `${on}T12:00:00`;
    zip.add(entry);
    entry.push(body, true);
    yield* chunks.splice(0);
  }
  zip.end();
  yield* chunks.splice(0);
}
