import { expect, it } from 'vitest';
import { USAGE_COLUMNS, USAGE_FILE_LIMITS, openUsageFile } from './usage-file.ts';

const HEADER = Buffer.from(`${USAGE_COLUMNS.join(',')}\n`);
const BLOCK = Buffer.alloc(1024 * 1024, 'x');

it('a file of usage is read as far as its stated size and no further, without being kept', async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield HEADER;
    for (;;) yield BLOCK;
  }
  const { columns, rows } = await openUsageFile(endless());
  expect(columns).toEqual(USAGE_COLUMNS);
  let bytes = HEADER.length;
  const reading = async () => {
    for await (const piece of rows) bytes += piece.length;
  };
  await expect(reading()).rejects.toMatchObject({ code: 'METERING.IMPORT_TOO_LARGE' });
  expect(bytes).toBeLessThanOrEqual(USAGE_FILE_LIMITS.bytes);
  expect(bytes).toBeGreaterThan(USAGE_FILE_LIMITS.bytes - BLOCK.length);
});

it('a header without an end is not waited for', async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield BLOCK;
  }
  await expect(openUsageFile(endless())).rejects.toMatchObject({ code: 'METERING.IMPORT_INVALID' });
});
