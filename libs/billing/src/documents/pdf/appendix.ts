import { Decimal } from 'decimal.js';
import type { Content } from 'pdfmake';
import type {
  InvoiceAllocation,
  InvoiceDocument,
  InvoiceFxRate,
  InvoicePrice,
  InvoiceUsage,
} from '../../invoice-document.ts';
import { figure, wareki, warekiMonth } from './figures.ts';
import { type LedgerColumn, ledger } from './ledger.ts';

/** 配賦表, then 利用明細 with what it was rated by, each on a page of its own. */
export const appendix = (document: InvoiceDocument): Content[] => [
  ...allocationSheet(document),
  ...(document.usage.length > 0 ? usageSheet(document) : []),
];

const caption = ({ number, recipient, month }: InvoiceDocument): Content => ({
  text: `${recipient.name}　${warekiMonth(month)}　請求書番号 ${number ?? '（未採番）'}`,
  style: 'small',
  margin: [0, 0, 0, 6],
});

function allocationSheet(document: InvoiceDocument): Content[] {
  const { allocations, subtotalJpy, taxJpy, totalJpy } = document;
  return [
    { text: '配賦表（所属・予算科目別）', style: 'heading', pageBreak: 'before', pageOrientation: 'portrait' },
    caption(document),
    ledger(ALLOCATION_COLUMNS, allocations, ['', '合計', '', figure(subtotalJpy), figure(taxJpy), figure(totalJpy)]),
    { text: '合計は請求書の税抜金額・消費税額・請求金額と一致します。', style: 'note' },
  ];
}

const ALLOCATION_COLUMNS: readonly LedgerColumn<InvoiceAllocation>[] = [
  { header: '所属コード', width: 46, of: ({ departmentCode }) => departmentCode ?? '' },
  { header: '所属', width: '*', of: ({ departmentName }) => departmentName },
  { header: '予算科目', width: 96, of: ({ budgetItem }) => budgetItem ?? '' },
  { header: '税抜金額（円）', width: 64, right: true, of: ({ subtotalJpy }) => figure(subtotalJpy) },
  { header: '消費税額等（円）', width: 66, right: true, of: (row) => figure(row.taxJpy) },
  { header: '税込金額（円）', width: 64, right: true, of: (row) => figure(row.totalJpy) },
];

function usageSheet(document: InvoiceDocument): Content[] {
  const { usage, prices, fxRates } = document;
  const sum = (of: (row: InvoiceUsage) => number) => figure(usage.reduce((total, row) => total + of(row), 0));
  const cost = usage.reduce((total, { costJpy }) => total.plus(costJpy), new Decimal(0));
  const totals = ['合計', '', '', ...COUNTS.map(({ count }) => sum(count)), yenOf(cost)];
  return [
    { text: '利用明細（所属・モデル別）', style: 'heading', pageBreak: 'before', pageOrientation: 'landscape' },
    caption(document),
    ledger(USAGE_COLUMNS, usage, totals, 'small'),
    {
      text: '参考費用は、下の単価と為替によるクラウド利用料の目安（円未満四捨五入）で、請求額ではありません。',
      style: 'note',
    },
    ...titled('適用したモデル単価（100万トークン当たり）', PRICE_COLUMNS, prices),
    ...titled('適用した為替', FX_COLUMNS, fxRates),
  ];
}

/** Kept on one page with its heading: a few rows at most. */
function titled<Row>(title: string, columns: readonly LedgerColumn<Row>[], rows: readonly Row[]): Content[] {
  if (rows.length === 0) return [];
  return [{ stack: [{ text: title, style: 'subheading' }, ledger(columns, rows)], unbreakable: true }];
}

const yenOf = (cost: Decimal): string => figure(cost.toFixed(0, Decimal.ROUND_HALF_UP));

const COUNTS: readonly { header: string; width: number; count: (row: InvoiceUsage) => number }[] = [
  { header: '件数', width: 36, count: ({ calls }) => calls },
  { header: '入力トークン', width: 56, count: ({ inputTokens }) => inputTokens },
  { header: '出力トークン', width: 50, count: ({ outputTokens }) => outputTokens },
  { header: 'キャッシュ読取', width: 46, count: ({ cacheReadTokens }) => cacheReadTokens },
  { header: 'キャッシュ書込', width: 46, count: ({ cacheWriteTokens }) => cacheWriteTokens },
  { header: '入力文字数', width: 56, count: ({ inputCharacters }) => inputCharacters },
  { header: '出力文字数', width: 50, count: ({ outputCharacters }) => outputCharacters },
];

const USAGE_COLUMNS: readonly LedgerColumn<InvoiceUsage>[] = [
  { header: '所属', width: '*', of: ({ departmentName }) => departmentName },
  { header: '利用月', width: 44, of: ({ acceptedMonth }) => warekiMonth(acceptedMonth).replace(/分$/, '') },
  { header: 'モデル', width: 80, of: ({ model }) => model },
  ...COUNTS.map(({ header, width, count }) => ({
    header,
    width,
    right: true,
    of: (row: InvoiceUsage) => figure(count(row)),
  })),
  { header: '参考費用（円）', width: 46, right: true, of: ({ costJpy }) => yenOf(new Decimal(costJpy)) },
];

const PRICE_COLUMNS: readonly LedgerColumn<InvoicePrice>[] = [
  { header: 'モデル', width: '*', of: ({ model }) => model },
  { header: '適用開始日', width: 90, of: ({ validFrom }) => wareki(validFrom) },
  { header: '通貨', width: 40, of: ({ currency }) => currency },
  { header: '入力', width: 70, right: true, of: ({ input }) => figure(input) },
  { header: '出力', width: 70, right: true, of: ({ output }) => figure(output) },
  { header: 'キャッシュ読取', width: 70, right: true, of: ({ cacheRead }) => figure(cacheRead) },
  { header: 'キャッシュ書込', width: 70, right: true, of: ({ cacheWrite }) => figure(cacheWrite) },
];

const FX_COLUMNS: readonly LedgerColumn<InvoiceFxRate>[] = [
  { header: '適用開始日', width: 90, of: ({ validFrom }) => wareki(validFrom) },
  { header: '1米ドル当たり（円）', width: 100, right: true, of: ({ jpyPerUsd }) => figure(jpyPerUsd) },
];
