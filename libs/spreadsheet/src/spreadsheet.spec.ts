import { buffer } from 'node:stream/consumers';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { readXlsx } from 'hucre/xlsx';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Column, csvOf, csvStream, fitsCell, tableOf, workbookOf, workbookStream } from './index.ts';

interface Item {
  name: string | null;
  count: number | null;
  cost: string | null;
  on: string | null;
}

const COLUMNS: readonly Column<Item>[] = [
  { header: '名称', kind: 'text', of: (item) => item.name },
  { header: '件数', kind: 'integer', of: (item) => item.count },
  { header: '費用', kind: 'decimal', of: (item) => item.cost },
  { header: '日付', kind: 'day', of: (item) => item.on },
];

const item = fc.record({
  name: fc.oneof(
    fc.constantFrom('=1+1', '＝SUM(A1)', '+81', '－1', '@cmd', '\tx', '\rx', '\nx', "'=1", 'a,"b"\r\nc', '葛󠄀城市'),
    fc.string({ minLength: 1, unit: fc.constantFrom('=', '＠', 'あ', '"', ',', '\n', '\r', '\t', ' ', "'", '-', '1') }),
  ),
  count: fc.maxSafeInteger(),
  cost: fc
    .tuple(fc.integer({ min: -99_999_999, max: 99_999_999 }), fc.nat({ max: 999_999 }))
    .map(([whole, part]) => `${whole}.${String(part).padStart(6, '0')}`),
  on: fc
    .date({ min: new Date('2000-01-01T00:00:00Z'), max: new Date('2099-12-31T00:00:00Z'), noInvalidDate: true })
    .map((at) => at.toISOString().slice(0, 10)),
});

const tableWith = (items: readonly Item[]) => tableOf('一覧', COLUMNS, items);
const readCsv = (csv: string): string[][] => parse(csv, { bom: true, relax_column_count: false });

describe('a CSV', () => {
  it('starts with a byte order mark and ends its lines with CRLF', () => {
    expect(csvOf(tableWith([{ name: 'あ', count: -5, cost: '-0.5', on: '2026-04-01' }]))).toBe(
      '\uFEFF名称,件数,費用,日付\r\nあ,-5,-0.5,2026-04-01\r\n',
    );
  });

  it('holds no text that a spreadsheet calculates, and nothing else is changed', () =>
    fc.assert(
      fc.property(fc.array(item, { minLength: 1 }), (items) => {
        const [, ...records] = readCsv(csvOf(tableWith(items)));
        for (const [index, [name = '', count, cost, on]] of records.entries()) {
          expect(name).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
          expect([name, name.slice(1)]).toContain(items[index]?.name);
          expect([count, cost, on]).toEqual([String(items[index]?.count), items[index]?.cost, items[index]?.on]);
        }
        expect(records).toHaveLength(items.length);
      }),
    ));

  it('is the same when it is streamed', async () => {
    const items = fc.sample(item, 50);
    const streamed = await buffer(csvStream(tableWith(items)));
    expect(streamed.toString('utf8')).toBe(csvOf(tableWith(items)));
  });

  it('leaves what is not known empty, and refuses text where a number belongs', () => {
    expect(csvOf(tableWith([{ name: null, count: null, cost: null, on: null }]))).toMatch(/\r\n,,,\r\n$/);
    expect(() => csvOf(tableWith([{ name: '', count: 1, cost: '=1+1', on: null }]))).toThrow(TypeError);
    expect(() => csvOf(tableWith([{ name: '', count: Number.NaN, cost: null, on: null }]))).toThrow(TypeError);
  });
});

describe('a workbook', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  it('has numbers as numbers, days as days and text as text', () =>
    fc.assert(
      fc.asyncProperty(fc.array(item, { minLength: 1, maxLength: 20 }), async (items) => {
        const { sheets } = await readXlsx(await workbookOf([tableWith(items), tableOf('空', COLUMNS, [])]));
        expect(sheets.map(({ name }) => name)).toEqual(['一覧', '空']);
        expect(sheets[0]?.rows.slice(1)).toEqual(items.map(valuesOf));
      }),
      { numRuns: 30 },
    ));

  it('says the same when it is streamed', async () => {
    const items = fc.sample(item, 50);
    const { sheets } = await readXlsx(await buffer(workbookStream(tableWith(items))));
    expect(sheets[0]?.rows).toEqual([['名称', '件数', '費用', '日付'], ...items.map(valuesOf)]);
  });

  it('keeps as text what a spreadsheet could only hold rounded', async () => {
    const exact = '1234567890.1234567';
    const { sheets } = await readXlsx(await workbookOf([tableWith([{ name: '', count: 1, cost: exact, on: null }])]));
    expect(sheets[0]?.rows[1]?.[2]).toBe(exact);
  });

  it.each([
    ['as long as a cell may be', 'あ'.repeat(32_767), 'あ'.repeat(32_767)],
    ['one character longer', 'あ'.repeat(32_768), `${'あ'.repeat(32_766)}…`],
    ['cut within a character of two units', `あ${'𠮷'.repeat(20_000)}`, `あ${'𠮷'.repeat(16_382)}…`],
  ])('holds no cell that Excel would call damaged: text %s', async (_, name, held) => {
    const table = () => tableWith([{ name, count: 1, cost: '1', on: null }]);
    for (const bytes of [await workbookOf([table()]), await buffer(workbookStream(table()))]) {
      const { sheets } = await readXlsx(bytes);
      expect(sheets[0]?.rows[1]?.[0]).toBe(held);
    }
    expect(fitsCell(name)).toBe(name === held);
    expect(csvOf(table())).toContain(name);
  });

  it('is the same bytes today and tomorrow', async () => {
    const items = fc.sample(item, 20);
    const today = await workbookOf([tableWith(items)]);
    vi.setSystemTime(Date.now() + 86_400_000);
    expect(await workbookOf([tableWith(items)])).toEqual(today);
  });
});

/** As XML reads line ends back; a count beyond 15 digits is text. */
const valuesOf = ({ name, count, cost, on }: Item) => [
  name,
  String(Math.abs(count ?? 0)).length > 15 ? String(count) : count,
  Number(cost),
  new Date(`${on}T00:00:00Z`),
];
