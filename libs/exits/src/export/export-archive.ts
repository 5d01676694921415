import { PassThrough, Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { ExportFile, ExportFiles } from './export-files.ts';

/**
 * The files as one ZIP, written while it is read: what is held is a chunk. ZIP64 where it must be.
 * @param at the time every entry is dated by
 */
export function archiveOfExport(files: ExportFiles, list: readonly ExportFile[], at: Date): Readable {
  const zip = new ZipFile();
  const stream = zip.outputStream.pipe(new PassThrough());
  zip.on('error', (error: Error) => stream.destroy(error));
  for (const { number, path } of list) {
    // Opened when its turn comes: not all files at once.
    zip.addReadStreamLazy(path, { mtime: at, compress: true }, (open) => open(null, Readable.from(files.read(number))));
  }
  zip.end();
  return stream;
}
