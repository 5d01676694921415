import { buffer } from 'node:stream/consumers';
import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { archiveOf } from './archive.ts';
import type { InvoiceFile } from './invoice-files.ts';

const FILES = ['請求書_M2026-000001_292010_2026-10.pdf', '請求書_M2026-000002_401005_2026-10.pdf'].map(
  (name): InvoiceFile => ({ name, type: 'application/pdf', body: Buffer.from(name.repeat(100)) }),
);

async function* files(): AsyncGenerator<InvoiceFile> {
  yield* FILES;
}

const zipped = () => buffer(archiveOf(files(), '2026-11-04'));

describe('an archive', () => {
  it('holds the files under their names', async () => {
    const entries = Object.entries(unzipSync(await zipped()));
    expect(entries.map(([name, body]) => [name, Buffer.from(body).toString()])).toEqual(
      FILES.map(({ name, body }) => [name, Buffer.from(body).toString()]),
    );
  });

  it('is the same bytes for the same files', async () => {
    expect((await zipped()).equals(await zipped())).toBe(true);
  });

  it('is written while the files come', async () => {
    const archive = archiveOf(files(), '2026-11-04');
    const { value } = await archive.next();
    expect(Buffer.from(value as Uint8Array).readUInt32LE(0)).toBe(0x04034b50);
    await archive.return(undefined);
  });
});
