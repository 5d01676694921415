import { deflateRawSync } from 'node:zlib';
import { type WriteSheet, writeXlsx } from 'hucre/xlsx';
import { describe, expect, it } from 'vitest';
import { readTable } from './read-table.ts';
import { TABLE_LIMITS, type TableRefusal } from './table.ts';
import { TableReader } from './table-reader.ts';
import { rawWorkbook } from './raw-workbook.fixture.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

async function tableOf(bytes: Uint8Array) {
  const { table, refusal } = await readTable(bytes);
  expect(refusal).toBeNull();
  return table!;
}

async function refusalOf(bytes: Uint8Array): Promise<TableRefusal> {
  const { refusal } = await readTable(bytes);
  expect(refusal).not.toBeNull();
  return refusal!;
}

const sheet = async (rows: WriteSheet['rows'], more: Partial<WriteSheet> = {}): Promise<Uint8Array> =>
  writeXlsx({ sheets: [{ name: 'Sheet1', rows, ...more }] });

/** What the rows of a table of one column hold; null is an empty one. */
type Column = readonly (number | null)[];

const numbers = (count: number): Column => Array.from({ length: count }, (_, index) => index + 1);
const nothing = (count: number): Column => Array.from({ length: count }, () => null);

const LAYOUTS = {
  'without an empty row': numbers,
  'with an empty row at the top': (count: number) => [null, ...numbers(count)],
  'with an empty row before the last': (count: number) => numbers(count).toSpliced(count - 1, 0, null),
  'with an empty row after each': (count: number) => numbers(count).flatMap((value) => [value, null]),
  'with empty rows below': (count: number) => [...numbers(count), ...nothing(50_000)],
} satisfies Record<string, (count: number) => Column>;

const csvWith = (column: Column): Uint8Array => utf8(['a', ...column.map((value) => value ?? ''), ''].join('\n'));

describe('a CSV file', () => {
  it.each([
    ['UTF-8', utf8('氏名,住所\n山田,東京\n'), 'utf-8'],
    ['UTF-8 with a mark', utf8('\ufeff氏名,住所\r\n山田,東京\r\n'), 'utf-8'],
  ])('in %s is read', async (_, bytes, encoding) => {
    expect(await tableOf(bytes)).toEqual({
      format: 'csv',
      encoding,
      columns: ['氏名', '住所'],
      rows: [{ number: 2, cells: ['山田', '東京'] }],
    });
  });

  it('in Shift_JIS is read, with the characters that Microsoft added', async () => {
    // 髙,① / ㈱,～
    const bytes = Buffer.from('fbfc2c87400d0a878a2c81600d0a', 'hex');
    const { encoding, columns, rows } = await tableOf(bytes);
    expect({ encoding, columns, rows }).toEqual({
      encoding: 'shift_jis',
      columns: ['髙', '①'],
      rows: [{ number: 2, cells: ['㈱', '～'] }],
    });
  });

  it('keeps line breaks, commas and quotes within cells, and numbers rows as a spreadsheet does', async () => {
    const { rows } = await tableOf(utf8('a,b\n"1\n2","x,""y"""\n\n,\n3,4\n'));
    expect(rows).toEqual([
      { number: 2, cells: ['1\n2', 'x,"y"'] },
      { number: 5, cells: ['3', '4'] },
    ]);
  });

  it.each([
    ['no bytes', utf8(''), 'invalid', /空です/],
    ['a header alone', utf8('a,b\n'), 'invalid', /データの行がありません/],
    ['bytes of no text', Uint8Array.of(0x61, 0xff, 0xfd, 0x00), 'unreadable', /文字コード/],
    ['a mark and no UTF-8 behind it', Uint8Array.of(0xef, 0xbb, 0xbf, 0x83, 0x41), 'unreadable', /文字コード/],
    ['UTF-16', Uint8Array.of(0xff, 0xfe, 0x61, 0x00), 'unreadable', /UTF-16/],
    ['NUL', utf8('a\0b'), 'unreadable', /CSV または XLSX/],
    ['a quote that does not end', utf8('a,b\n1,2\n"3,4\n'), 'unreadable', /3行目付近/],
    ['a column too many', utf8('a,b\n1,2\n1,2,3\n'), 'invalid', /3行目：列が多すぎます/],
    ['a column too few', utf8('a,b\n1,2\n1\n'), 'invalid', /3行目：列が足りません/],
    ['a name twice', utf8('a,a\n1,2\n'), 'invalid', /1行目の2列目：列名が1列目と同じ/],
    ['a name that is empty', utf8('a,,b\n1,2,3\n'), 'invalid', /1行目の2列目：列名が空/],
    ['a cell too long', utf8(`a\n${'x'.repeat(TABLE_LIMITS.cellCharacters + 1)}\n`), 'invalid', /2行目「a」列/],
    ['a row too many', utf8(`a\n${'1\n'.repeat(TABLE_LIMITS.rows + 1)}`), 'too_large', /10,000 行/],
    ['a byte too many', new Uint8Array(TABLE_LIMITS.bytes + 1), 'too_large', /20 MB/],
  ])('with %s is refused in words', async (_, bytes, failure, words) => {
    const refusal = await refusalOf(bytes);
    expect(refusal.failure).toBe(failure);
    expect([refusal.detail, ...refusal.faults.map(({ message }) => message)].join('\n')).toMatch(words);
  });

  it.each(Object.entries(LAYOUTS))('of exactly as many rows as allowed is read whole %s', async (_, layout) => {
    const { rows } = await tableOf(csvWith(layout(TABLE_LIMITS.rows)));
    expect(rows.map(({ cells }) => Number(cells[0]))).toEqual(numbers(TABLE_LIMITS.rows));
  });

  it.each(Object.entries(LAYOUTS))('of one row more than allowed is refused %s', async (_, layout) => {
    const { failure, detail } = await refusalOf(csvWith(layout(TABLE_LIMITS.rows + 1)));
    expect({ failure, detail }).toEqual({ failure: 'too_large', detail: expect.stringContaining('10,000 行') });
  });

  it.each([
    ['a row far below the others', `a\n1\n${'\n'.repeat(TABLE_LIMITS.lastRow - 2)}2\n`, '100,000行目'],
    ['empty lines without end', `a\n1\n${'\n'.repeat(TABLE_LIMITS.lines)}`, '1,048,576行目'],
  ])('with %s is refused rather than read in part', async (_, text, words) => {
    expect((await refusalOf(utf8(text))).detail).toContain(words);
  });
});

describe('an XLSX file', () => {
  it('is read as a person sees it', async () => {
    const columns = [
      { header: '日付', key: 'day', numFmt: 'yyyy"年"m"月"d"日"' },
      { header: '短い日付', key: 'short', numFmt: 'm/d/yy' },
      { header: '金額', key: 'yen', numFmt: '#,##0' },
      { header: '率', key: 'rate', numFmt: '0.0%' },
      { header: 'コード', key: 'code' },
      { header: '番号', key: 'number' },
      { header: '和', key: 'sum' },
      { header: '該当', key: 'yes' },
    ];
    const day = new Date(Date.UTC(2026, 3, 1));
    const data = [
      { day, short: day, yen: 1_234_567, rate: 0.125, code: '001', number: 123_456_789_018, sum: 0.1 + 0.2, yes: true },
    ];
    const { format, encoding, rows } = await tableOf(await sheet(undefined, { columns, data }));
    expect({ format, encoding }).toEqual({ format: 'xlsx', encoding: null });
    expect(rows[0]!.cells).toEqual([
      '2026年4月1日',
      '2026/4/1',
      '1,234,567',
      '12.5%',
      '001',
      '123456789018',
      '0.3',
      'TRUE',
    ]);
  });

  it('is read from its first visible sheet, with empty cells and rows where they are', async () => {
    const hidden = { name: '隠し', rows: [['x'], ['y']], hidden: true };
    const seen = {
      name: '見える',
      rows: [
        ['a', 'b'],
        [null, 'z'],
        [null, null],
        ['w', null],
      ],
    };
    const { columns, rows } = await tableOf(await writeXlsx({ sheets: [hidden, seen], activeSheet: 1 }));
    expect(columns).toEqual(['a', 'b']);
    expect(rows).toEqual([
      { number: 2, cells: ['', 'z'] },
      { number: 4, cells: ['w', ''] },
    ]);
  });

  it('gives the result that was saved with a formula, and is refused where there is none or an error', async () => {
    const formula = (formulaResult: number | string | null) => ({
      value: formulaResult,
      type: 'formula' as const,
      formula: '1+2',
      formulaResult,
    });
    const of = (cell: object) => sheet([['a'], [null]], { cells: new Map([['1,0', cell]]) });
    expect((await tableOf(await of(formula(3)))).rows[0]!.cells).toEqual(['3']);
    const unknown = await refusalOf(await of(formula(null)));
    expect(unknown.faults).toEqual([
      { row: 2, column: 1, message: expect.stringContaining('2行目の1列目：数式の結果') },
    ]);
    const wrong = await refusalOf(await of({ value: '#N/A', type: 'error' }));
    expect(wrong.faults).toEqual([{ row: 2, column: 1, message: expect.stringContaining('エラー値') }]);
  });

  it.each(Object.entries(LAYOUTS))('of exactly as many rows as allowed is read whole %s', async (_, layout) => {
    const { rows } = await tableOf(workbookWith(layout(TABLE_LIMITS.rows)));
    expect(rows.map(({ cells }) => Number(cells[0]))).toEqual(numbers(TABLE_LIMITS.rows));
  });

  it.each(Object.entries(LAYOUTS))('of one row more than allowed is refused %s', async (_, layout) => {
    const { failure, detail } = await refusalOf(workbookWith(layout(TABLE_LIMITS.rows + 1)));
    expect({ failure, detail }).toEqual({ failure: 'too_large', detail: expect.stringContaining('10,000 行') });
  });

  it('is read to the last row of the sheet that is seen, however its rows are written', async () => {
    const rows = LAYOUTS['with an empty row after each'](TABLE_LIMITS.rows);
    const { rows: read } = await tableOf(workbookWith(rows, { prefix: 'x:', hidden: [1, 2] }));
    expect(read.at(-1)).toEqual({ number: 2 * TABLE_LIMITS.rows, cells: [String(TABLE_LIMITS.rows)] });
  });

  it('with a row far below the others is refused rather than read in part', async () => {
    const { detail } = await refusalOf(workbookWith([1, ...nothing(TABLE_LIMITS.lastRow), 2]));
    expect(detail).toContain('100,000行目');
  });

  it('may have a cell in its last row if nothing stands there', async () => {
    const wide = Array.from({ length: TABLE_LIMITS.columns }, (_, at) => `<c t="inlineStr"><is><t>${at}</t></is></c>`);
    const above = `<row>${wide.join('')}</row>`.repeat(2);
    const { rows } = await tableOf(rawWorkbook(`${above}<row r="1048576"><c r="A1048576" s="0"/></row>`));
    expect(rows).toHaveLength(1);
    const { detail } = await refusalOf(rawWorkbook(`${above}<row r="1048576"><c r="A1048576"><v>1</v></c></row>`));
    expect(detail).toContain('100,000行目');
  });

  it('of a million rows is refused by their number, in the memory that a file gets', async () => {
    const read = new TableReader().read(workbookWith(numbers(1_000_000)), 'BATCHES');
    await expect(read).rejects.toMatchObject({
      code: 'BATCHES.FILE_TOO_LARGE',
      detail: expect.stringContaining('10,000 行'),
    });
  });

  it('with a password, of the old kind, broken or cut off is refused in words', async () => {
    const whole = await sheet([['a'], [1]]);
    const locked = await writeXlsx({
      sheets: [{ name: 'S', rows: [['a']] }],
      encryption: { password: 'x', spinCount: 1 },
    });
    expect((await refusalOf(locked)).detail).toContain('パスワード');
    expect((await refusalOf(Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0))).detail).toContain('.xls');
    expect((await refusalOf(whole.slice(0, whole.length / 2))).detail).toContain('壊れています');
    expect((await refusalOf(utf8('PK no archive'))).detail).toContain('壊れています');
  });

  it('that unfolds to far more than it is gets no memory, whatever it says of its sizes', async () => {
    const bomb = archiveOf('xl/worksheets/sheet1.xml', deflateRawSync(Buffer.alloc(TABLE_LIMITS.unfoldedBytes + 1)));
    expect(bomb.length).toBeLessThan(TABLE_LIMITS.bytes);
    const { failure } = await refusalOf(bomb);
    expect(failure).toBe('too_large');
  });

  it('that lies about its sizes is refused as broken', async () => {
    const bomb = archiveOf(
      'xl/worksheets/sheet1.xml',
      deflateRawSync(Buffer.alloc(TABLE_LIMITS.unfoldedBytes + 1)),
      10,
    );
    expect((await refusalOf(bomb)).failure).toBe('unreadable');
  });
});

/** A workbook that keeps an empty row as a row, as Excel does where it is formatted. */
function workbookWith(rows: Column, { prefix = '', hidden }: { prefix?: string; hidden?: Column } = {}): Uint8Array {
  const row = (cell: string) => `<${prefix}row>${cell}</${prefix}row>`;
  const sheetOf = (column: Column) =>
    [
      row('<c t="inlineStr"><is><t>a</t></is></c>'),
      ...column.map((value) => row(value === null ? '<c s="0"/>' : `<c><v>${value}</v></c>`)),
    ].join('');
  return rawWorkbook(sheetOf(rows), hidden && sheetOf(hidden));
}

/** An archive of one deflated part, as its bytes are laid out (APPNOTE 4.3). */
function archiveOf(name: string, deflated: Buffer, unfolded = TABLE_LIMITS.unfoldedBytes + 1): Uint8Array {
  const shared = Buffer.alloc(26);
  shared.writeUInt16LE(20, 0);
  shared.writeUInt16LE(8, 4);
  shared.writeUInt32LE(deflated.length, 14);
  shared.writeUInt32LE(unfolded, 18);
  shared.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), shared, Buffer.from(name), deflated]);
  const central = Buffer.concat([
    Buffer.from('PK\x01\x02\x14\0', 'latin1'),
    shared,
    Buffer.alloc(14),
    Buffer.from(name),
  ]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from('PK\x05\x06', 'latin1'), end]);
}
