import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { DomainError } from '#libs/kernel';
import { readCostReport } from './read-cost-report.ts';

const HEADER = [
  'identity_line_item_id',
  'line_item_usage_start_date',
  'line_item_line_item_type',
  'line_item_product_code',
  'line_item_usage_type',
  'line_item_operation',
  'line_item_usage_amount',
  'pricing_unit',
  'line_item_unblended_cost',
  'line_item_currency_code',
  'product_region_code',
];
type Cells = Readonly<Record<string, string>>;
const SONNET: Cells = {
  line_item_usage_start_date: '2026-10-31T23:00:00.000Z',
  line_item_line_item_type: 'Usage',
  line_item_product_code: 'AmazonBedrock',
  line_item_usage_type: 'APN1-Claude4.6Sonnet-input-tokens',
  line_item_operation: 'InvokeModelStreamingInference',
  line_item_usage_amount: '29.481',
  pricing_unit: '1K tokens',
  line_item_unblended_cost: '0.0972873',
  line_item_currency_code: 'USD',
  product_region_code: 'ap-northeast-1',
};
const csv = (...lines: Cells[]): string =>
  [HEADER, ...lines.map((line) => HEADER.map((column) => line[column] ?? ''))]
    .map((row) => `${row.join(',')}\n`)
    .join('');

/** In pieces of three bytes, so that characters, lines and the gzip header are cut anywhere. */
async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 3) yield bytes.subarray(at, at + 3);
}
const read = (text: string | Uint8Array, month = '2026-10') => readCostReport(pieces(Buffer.from(text)), month);
const refusal = async (text: string | Uint8Array): Promise<[string, string | undefined]> => {
  const error = (await read(text).then(
    () => expect.unreachable('nothing was refused'),
    (thrown: unknown) => thrown,
  )) as DomainError;
  return [error.code, error.faults[0]?.pointer];
};

describe('a CUR 2.0 file', () => {
  it('tells what was charged by UTC day, region, product and usage type, exactly', async () => {
    const { sums, fileLines, format } = await read(
      csv(SONNET, SONNET, { ...SONNET, line_item_usage_start_date: '2026-10-01' }),
    );
    expect({ format, fileLines }).toEqual({ format: 'cur-2.0', fileLines: 3 });
    expect(sums.map(({ tokens, usd, ...sum }) => ({ ...sum, tokens: tokens?.toFixed(), usd: usd.toFixed() }))).toEqual([
      expect.objectContaining({ day: '2026-10-31', fileLine: 2, fileLines: 2, tokens: '58962', usd: '0.1945746' }),
      expect.objectContaining({ day: '2026-10-01', fileLine: 4, fileLines: 1, tokens: '29481', usd: '0.0972873' }),
    ]);
    expect(sums[0]).toMatchObject({ region: 'ap-northeast-1', productCode: 'AmazonBedrock', charge: 'usage' });
  });

  it('reads the same out of a gzip, with a byte order mark, and with more columns than are needed', async () => {
    const text = csv(SONNET);
    const [plain, packed, marked] = await Promise.all([read(text), read(gzipSync(text)), read(`\ufeff${text}`)]);
    expect(packed.sums).toEqual(plain.sums);
    expect(marked.sums).toEqual(plain.sums);
    expect(packed.sha256).not.toEqual(plain.sha256);
  });

  it('keeps what is not about models in sight, and tax apart', async () => {
    const ec2 = {
      ...SONNET,
      line_item_product_code: 'AmazonEC2',
      line_item_usage_type: 'APN1-BoxUsage:m7i.large',
      line_item_operation: 'RunInstances',
      line_item_unblended_cost: '2.5',
    };
    const tax = { ...SONNET, line_item_line_item_type: 'Tax', line_item_unblended_cost: '3.10' };
    const market = {
      ...SONNET,
      line_item_product_code: '3p8l1x',
      line_item_usage_type: 'APN3-MP:APN3_InputTokenCount-Units',
      pricing_unit: 'Units',
      product_region_code: '',
    };
    const { sums, other, taxUsd } = await read(csv(ec2, tax, market));
    expect({ lines: other.lines, usd: other.usd.toFixed(), tax: taxUsd.toFixed() }).toEqual({
      lines: 1,
      usd: '2.5',
      tax: '3.1',
    });
    // Nobody says how many tokens a unit is; money is compared all the same
    expect(sums).toMatchObject([{ region: 'ap-northeast-3', productCode: '3p8l1x', tokens: null }]);
  });

  it('takes credits off, also those for a time before the month', async () => {
    const credit = {
      ...SONNET,
      line_item_line_item_type: 'Credit',
      line_item_unblended_cost: '-1.25',
      line_item_usage_amount: '0',
      line_item_usage_start_date: '2026-09-12T00:00:00Z',
    };
    const { sums } = await read(csv(SONNET, credit));
    expect(sums.map(({ day, charge, usd }) => [day, charge, usd.toFixed()])).toEqual([
      ['2026-10-31', 'usage', '0.0972873'],
      ['2026-10-01', 'credit', '-1.25'],
    ]);
  });

  it('is refused with line, column and reason, whatever is wrong with it', async () => {
    const bad = (cells: Cells) => csv(SONNET, { ...SONNET, ...cells });
    expect(await refusal(bad({ line_item_currency_code: 'JPY' }))).toEqual([
      'RECONCILIATION.CURRENCY_REFUSED',
      '/lines/3/line_item_currency_code',
    ]);
    expect(await refusal(bad({ line_item_currency_code: '' }))).toEqual([
      'RECONCILIATION.CURRENCY_REFUSED',
      '/lines/3/line_item_currency_code',
    ]);
    for (const usd of ['-0.1', 'NaN', '', '1e40', '0x10', '１', '"1,000"'])
      expect(await refusal(bad({ line_item_unblended_cost: usd }))).toEqual([
        'RECONCILIATION.AMOUNT_INVALID',
        '/lines/3/line_item_unblended_cost',
      ]);
    expect(await refusal(bad({ line_item_usage_amount: '-1' }))).toEqual([
      'RECONCILIATION.AMOUNT_INVALID',
      '/lines/3/line_item_usage_amount',
    ]);
    for (const at of ['2026-11-01T00:00:00Z', '2026-09-30'])
      expect(await refusal(bad({ line_item_usage_start_date: at }))).toEqual([
        'RECONCILIATION.MONTH_MISMATCH',
        '/lines/3/line_item_usage_start_date',
      ]);
    for (const at of ['yesterday', '', '2026-10-99'])
      expect(await refusal(bad({ line_item_usage_start_date: at }))).toEqual([
        'RECONCILIATION.FILE_UNREADABLE',
        '/lines/3/line_item_usage_start_date',
      ]);
    expect(await refusal(csv(SONNET).replace('line_item_unblended_cost', 'line_item_blended_cost'))).toEqual([
      'RECONCILIATION.COLUMNS_MISSING',
      '/lines/1/line_item_unblended_cost',
    ]);
    expect(await refusal('a,b\n1,2\n')).toEqual(['RECONCILIATION.COLUMNS_MISSING', undefined]);
    expect(await refusal(`${csv(SONNET)}1,2\n`)).toEqual(['RECONCILIATION.FILE_UNREADABLE', '/lines/3']);
    expect((await refusal(`${csv(SONNET)}"open`))[0]).toBe('RECONCILIATION.FILE_UNREADABLE');
    expect(await refusal(csv())).toEqual(['RECONCILIATION.FILE_UNREADABLE', undefined]);
    expect(await refusal('')).toEqual(['RECONCILIATION.FILE_UNREADABLE', undefined]);
  });

  it('is refused at the line whose bytes are no UTF-8, and when its gzip is cut', async () => {
    const sjis = Buffer.concat([Buffer.from(csv(SONNET)), Buffer.from([0x83, 0x65]), Buffer.from(csv(SONNET))]);
    expect(await refusal(sjis)).toEqual(['RECONCILIATION.FILE_UNREADABLE', '/lines/3']);
    expect((await refusal(gzipSync(csv(SONNET)).subarray(0, -9)))[0]).toBe('RECONCILIATION.FILE_UNREADABLE');
  });

  it('holds sums and not lines, however long it is', async () => {
    const line = csv(SONNET).split('\n')[1]!;
    async function* long() {
      yield Buffer.from(csv());
      const block = Buffer.from(`${line}\n`.repeat(100));
      for (let at = 0; at < 200; at += 1) yield block;
    }
    const { sums, fileLines } = await readCostReport(long(), '2026-10');
    expect(fileLines).toBe(20_000);
    expect(sums.map(({ usd }) => usd.toFixed())).toEqual(['1945.746']);
  });
});

describe('a Cost Explorer file', () => {
  const table = (...rows: string[]) =>
    ['Usage type,APN1-Claude4.6Sonnet-input-tokens($),APN1-BoxUsage:m7i.large($),Total costs($)', ...rows].join('\n');

  it('tells costs by day and usage type; its totals are not counted twice', async () => {
    const { format, sums, other } = await read(
      table('Usage type total,3.5,1,4.5', '2026-10-01,1.5,1,2.5', '2026-10-02,2,,2'),
    );
    expect(format).toBe('cost-explorer');
    expect(sums.map(({ day, region, tokens, usd }) => [day, region, tokens, usd.toFixed()])).toEqual([
      ['2026-10-01', 'ap-northeast-1', null, '1.5'],
      ['2026-10-02', 'ap-northeast-1', null, '2'],
    ]);
    expect(other.usd.toFixed()).toBe('1');
  });

  it('is refused for another currency, another month, and what is no figure', async () => {
    expect(await refusal(table().replace('tokens($)', 'tokens(JPY)'))).toEqual([
      'RECONCILIATION.CURRENCY_REFUSED',
      '/lines/1/APN1-Claude4.6Sonnet-input-tokens(JPY)',
    ]);
    expect(await refusal(table('2026-11-01,1,,1'))).toEqual(['RECONCILIATION.MONTH_MISMATCH', '/lines/2/Usage type']);
    expect((await refusal(table('2026-10-01,x,,1')))[0]).toBe('RECONCILIATION.AMOUNT_INVALID');
    expect((await refusal(table('2026-10-01,-1,,1')))[0]).toBe('RECONCILIATION.AMOUNT_INVALID');
    expect((await refusal(table('October,1,,1')))[0]).toBe('RECONCILIATION.FILE_UNREADABLE');
    expect((await refusal('Usage type,Total costs($)\n2026-10-01,1\n'))[0]).toBe('RECONCILIATION.COLUMNS_MISSING');
  });
});
