import { type Column, type Table, tableOf } from '#libs/spreadsheet';
import type { InvoiceAllocation, InvoiceDocument, InvoiceLine, InvoiceUsage } from '../invoice-document.ts';

/** Tables of an invoice that make sense on their own, as a file for somebody's spreadsheet. */
export const INVOICE_TABLES = ['lines', 'allocations', 'usage'] as const;
export type InvoiceTableName = (typeof INVOICE_TABLES)[number];

/** What every row says of its invoice, so that tables of many invoices can be put below each other. */
const keyOf = ({ number, issuedOn, month, recipient }: InvoiceDocument): readonly Column<unknown>[] => [
  { header: '請求書番号', kind: 'text', of: () => number ?? '（下書き）' },
  { header: '発行日', kind: 'day', of: () => issuedOn },
  { header: '対象月', kind: 'text', of: () => month },
  { header: '団体コード', kind: 'text', of: () => recipient.code },
  { header: '請求先', kind: 'text', of: () => recipient.name },
];

export function invoiceTable(document: InvoiceDocument, name: InvoiceTableName): Table {
  if (name === 'allocations')
    return tableOf('配賦表', [...keyOf(document), ...ALLOCATION_COLUMNS], document.allocations);
  if (name === 'usage') return tableOf('利用明細', [...keyOf(document), ...USAGE_COLUMNS], document.usage);
  return tableOf('明細', [...keyOf(document), ...LINE_COLUMNS], linesAndTaxes(document));
}

/** The whole invoice as the sheets of a workbook. */
export const invoiceSheets = (document: InvoiceDocument): Table[] => [
  tableOf('請求書', FACT_COLUMNS, factsOf(document)),
  ...INVOICE_TABLES.map((name) => invoiceTable(document, name)),
  tableOf(
    '単価',
    [
      { header: 'モデル', kind: 'text', of: ({ model }) => model },
      { header: '適用開始日', kind: 'day', of: ({ validFrom }) => validFrom },
      { header: '通貨', kind: 'text', of: ({ currency }) => currency },
      { header: '入力（100万トークン当たり）', kind: 'decimal', of: ({ input }) => input },
      { header: '出力', kind: 'decimal', of: ({ output }) => output },
      { header: 'キャッシュ読取', kind: 'decimal', of: ({ cacheRead }) => cacheRead },
      { header: 'キャッシュ書込', kind: 'decimal', of: ({ cacheWrite }) => cacheWrite },
      { header: '単価ID', kind: 'text', of: ({ id }) => id },
    ],
    document.prices,
  ),
  tableOf(
    '為替',
    [
      { header: '適用開始日', kind: 'day', of: ({ validFrom }) => validFrom },
      { header: '1米ドル当たり（円）', kind: 'decimal', of: ({ jpyPerUsd }) => jpyPerUsd },
      { header: '為替ID', kind: 'text', of: ({ id }) => id },
    ],
    document.fxRates,
  ),
];

/** A line, or the tax of a rate: together they are the amount to pay. */
type LineOrTax = Omit<InvoiceLine, 'position' | 'kind'> & { readonly position: number | null; readonly isTax: boolean };

const linesAndTaxes = ({ lines, taxes }: InvoiceDocument): LineOrTax[] => [
  ...lines.map((line) => ({ ...line, isTax: false })),
  ...taxes.map(({ rate, reduced, taxJpy }) => ({
    isTax: true,
    position: null,
    description: '消費税及び地方消費税',
    model: null,
    quantity: null,
    unit: null,
    unitPriceJpy: null,
    amountJpy: taxJpy,
    taxRate: rate,
    reducedRate: reduced,
    correctsMonth: null,
  })),
];

const LINE_COLUMNS: readonly Column<LineOrTax>[] = [
  { header: '区分', kind: 'text', of: ({ isTax }) => (isTax ? '消費税' : '明細') },
  { header: '番号', kind: 'integer', of: ({ position }) => position },
  { header: '品目', kind: 'text', of: ({ description }) => description },
  { header: 'モデル', kind: 'text', of: ({ model }) => model },
  { header: '数量', kind: 'decimal', of: ({ quantity }) => quantity },
  { header: '単位', kind: 'text', of: ({ unit }) => unit },
  { header: '単価（円）', kind: 'decimal', of: ({ unitPriceJpy }) => unitPriceJpy },
  { header: '金額（円）', kind: 'integer', of: ({ amountJpy }) => amountJpy },
  { header: '税率', kind: 'decimal', of: ({ taxRate }) => taxRate },
  { header: '軽減税率', kind: 'text', of: ({ reducedRate }) => (reducedRate ? '対象' : '') },
  { header: '修正する月', kind: 'text', of: ({ correctsMonth }) => correctsMonth },
];

const ALLOCATION_COLUMNS: readonly Column<InvoiceAllocation>[] = [
  { header: '所属コード', kind: 'text', of: ({ departmentCode }) => departmentCode },
  { header: '所属', kind: 'text', of: ({ departmentName }) => departmentName },
  { header: '予算科目', kind: 'text', of: ({ budgetItem }) => budgetItem },
  { header: '税抜金額（円）', kind: 'integer', of: ({ subtotalJpy }) => subtotalJpy },
  { header: '消費税額等（円）', kind: 'integer', of: ({ taxJpy }) => taxJpy },
  { header: '税込金額（円）', kind: 'integer', of: ({ totalJpy }) => totalJpy },
];

const USAGE_COLUMNS: readonly Column<InvoiceUsage>[] = [
  { header: '利用月', kind: 'text', of: ({ acceptedMonth }) => acceptedMonth },
  { header: '所属', kind: 'text', of: ({ departmentName }) => departmentName },
  { header: 'モデル', kind: 'text', of: ({ model }) => model },
  { header: '件数', kind: 'integer', of: ({ calls }) => calls },
  { header: '入力トークン', kind: 'integer', of: ({ inputTokens }) => inputTokens },
  { header: '出力トークン', kind: 'integer', of: ({ outputTokens }) => outputTokens },
  { header: 'キャッシュ読取トークン', kind: 'integer', of: ({ cacheReadTokens }) => cacheReadTokens },
  { header: 'キャッシュ書込トークン', kind: 'integer', of: ({ cacheWriteTokens }) => cacheWriteTokens },
  { header: '入力文字数', kind: 'integer', of: ({ inputCharacters }) => inputCharacters },
  { header: '出力文字数', kind: 'integer', of: ({ outputCharacters }) => outputCharacters },
  { header: '参考費用（円）', kind: 'decimal', of: ({ costJpy }) => costJpy },
  { header: '単価ID', kind: 'text', of: ({ priceId }) => priceId },
  { header: '為替ID', kind: 'text', of: ({ fxRateId }) => fxRateId },
];

interface Fact {
  readonly name: string;
  readonly text?: string | null;
  readonly amountJpy?: number;
  readonly on?: string | null;
}

const FACT_COLUMNS: readonly Column<Fact>[] = [
  { header: '項目', kind: 'text', of: ({ name }) => name },
  { header: '内容', kind: 'text', of: ({ text }) => text ?? null },
  { header: '日付', kind: 'day', of: ({ on }) => on ?? null },
  { header: '金額（円）', kind: 'integer', of: ({ amountJpy }) => amountJpy ?? null },
];

function factsOf({ number, kind, issuer, recipient, contract, corrects, taxes, ...document }: InvoiceDocument): Fact[] {
  return [
    { name: '種類', text: kind === 'credit-note' ? '適格返還請求書' : '適格請求書' },
    { name: '請求書番号', text: number ?? '（下書き）' },
    { name: '発行日', on: document.issuedOn },
    { name: '支払期限', on: document.dueOn },
    { name: '発行者', text: issuer.name },
    { name: '登録番号', text: issuer.registrationNumber },
    { name: '請求先', text: recipient.name },
    { name: '団体コード', text: recipient.code },
    { name: '件名', text: contract.title },
    { name: '対象期間の始まり', on: document.period.from },
    { name: '対象期間の終わり', on: document.period.to },
    ...(corrects ? [{ name: '対象の請求書', text: corrects.number, on: corrects.issuedOn }] : []),
    { name: '税抜金額', amountJpy: document.subtotalJpy },
    ...taxes.map(({ rate, taxableJpy, reduced }) => ({
      name: `税率別の税抜金額 ${rateOf(rate, reduced)}`,
      amountJpy: taxableJpy,
    })),
    ...taxes.map(({ rate, taxJpy, reduced }) => ({ name: `消費税額等 ${rateOf(rate, reduced)}`, amountJpy: taxJpy })),
    { name: '消費税額等の合計', amountJpy: document.taxJpy },
    { name: kind === 'credit-note' ? '返還金額（税込）' : '請求金額（税込）', amountJpy: document.totalJpy },
  ];
}

const rateOf = (rate: string, reduced: boolean): string => `${rate}${reduced ? '（軽減税率）' : ''}`;
