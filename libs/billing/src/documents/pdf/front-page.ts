import type { Content } from 'pdfmake';
import type { InvoiceDocument, InvoiceLine, InvoiceTax } from '../../invoice-document.ts';
import { figure, percent, wareki, warekiMonth, warekiYear } from './figures.ts';
import { type LedgerColumn, ledger } from './ledger.ts';

const REDUCED_MARK = '※';

export const titleOf = ({ kind }: InvoiceDocument): string =>
  kind === 'credit-note' ? '適格返還請求書' : '適格請求書';

/** Everything a qualified invoice must show (消費税法 第57条の4). */
export function frontPage(document: InvoiceDocument, footnotes: readonly string[]): Content[] {
  const { kind, number, taxes } = document;
  const title = kind === 'credit-note' ? '返還請求書' : '請求書';
  return [
    { text: number === null ? `${title}（下書き）` : title, style: 'title' },
    { columns: [recipientOf(document), { width: 230, ...issuerOf(document) }], columnGap: 16 },
    claimOf(document),
    factsOf(document),
    { text: '内訳', style: 'subheading' },
    ledger(LINE_COLUMNS, document.lines),
    { text: '税率ごとの合計', style: 'subheading' },
    ledger(TAX_COLUMNS, taxes, [
      '合計',
      figure(document.subtotalJpy),
      figure(document.taxJpy),
      figure(document.totalJpy),
    ]),
    ...[
      '消費税額は、税率ごとに合計した税抜金額に税率を乗じ、1円未満を切り捨てて算出しています。',
      ...(taxes.some(({ reduced }) => reduced) ? [`${REDUCED_MARK}は軽減税率対象品目です。`] : []),
      ...(hasNegative(document) ? ['△は減額を表します。'] : []),
      ...footnotes,
    ].map((text) => ({ text, style: 'note' })),
  ];
}

function recipientOf({ recipient }: InvoiceDocument): Content {
  return {
    stack: [
      ...(recipient.postalCode ? [`〒${recipient.postalCode}`] : []),
      ...(recipient.address ? [recipient.address] : []),
      { text: `${recipient.name}　${recipient.name.endsWith('長') ? '様' : '御中'}`, style: 'recipient' },
      { text: `団体コード ${recipient.code}`, style: 'small' },
    ],
  };
}

function issuerOf({ issuer, number, issuedOn }: InvoiceDocument) {
  return {
    stack: [
      `請求書番号　${number ?? '（未採番）'}`,
      `発行日　　　${issuedOn ? wareki(issuedOn) : '（未発行）'}`,
      { text: issuer.name, bold: true, fontSize: 11, margin: [0, 8, 0, 0] } satisfies Content,
      `登録番号　${issuer.registrationNumber}`,
      `〒${issuer.postalCode}`,
      issuer.address,
      ...(issuer.contact ? [issuer.contact] : []),
    ],
  };
}

function claimOf({ kind, totalJpy, dueOn }: InvoiceDocument): Content {
  const noun = kind === 'credit-note' ? '返還金額' : 'ご請求金額';
  return {
    table: {
      headerRows: 0,
      dontBreakRows: true,
      widths: ['auto', '*', 'auto'],
      body: [
        [
          { text: `${noun}（税込）`, bold: true, margin: [0, 8, 12, 0] },
          { text: `￥${figure(totalJpy)}`, style: 'total' },
          { text: dueOn ? `お支払期限　${wareki(dueOn)}` : '', bold: true, margin: [0, 8, 0, 0] },
        ],
      ],
    },
    layout: 'claim',
    margin: [0, 14, 0, 8],
  };
}

function factsOf(document: InvoiceDocument): Content {
  const { contract, period, corrects, issuer, kind } = document;
  const facts: [string, string | null][] = [
    ['件名', contract.title],
    ['年度', warekiYear(contract.fiscalYear)],
    ['対象期間', `${wareki(period.from)}から${wareki(period.to)}まで（${warekiMonth(document.month)}）`],
    ['契約期間', `${wareki(contract.from)}から${wareki(contract.to)}まで`],
    ['協議会', contract.council],
    ['対象の請求書', corrects && `${corrects.number}（${wareki(corrects.issuedOn)}発行）`],
    ['お振込先', kind === 'invoice' ? issuer.bankAccount : null],
  ];
  return {
    table: {
      headerRows: 0,
      dontBreakRows: true,
      widths: [60, '*'],
      body: facts.filter(([, value]) => value).map(([name, value]) => [{ text: name, bold: true }, value ?? '']),
    },
    layout: 'facts',
  };
}

const LINE_COLUMNS: readonly LedgerColumn<InvoiceLine>[] = [
  { header: '番号', width: 22, right: true, of: ({ position }) => figure(position) },
  { header: '品目', width: '*', of: describe },
  { header: '数量', width: 62, right: true, of: ({ quantity }) => (quantity === null ? '' : figure(quantity)) },
  { header: '単位', width: 44, of: ({ unit }) => unit ?? '' },
  {
    header: '単価（円）',
    width: 56,
    right: true,
    of: ({ unitPriceJpy }) => (unitPriceJpy === null ? '' : figure(unitPriceJpy)),
  },
  { header: '税抜金額（円）', width: 66, right: true, of: ({ amountJpy }) => figure(amountJpy) },
  {
    header: '税率',
    width: 32,
    right: true,
    of: ({ taxRate, reducedRate }) => `${percent(taxRate)}${reducedRate ? REDUCED_MARK : ''}`,
  },
];

function describe({ description, model, correctsMonth }: InvoiceLine): string {
  return [description, model, correctsMonth && `（${warekiMonth(correctsMonth)}の修正）`].filter(Boolean).join('　');
}

const TAX_COLUMNS: readonly LedgerColumn<InvoiceTax>[] = [
  {
    header: '区分',
    width: '*',
    of: ({ rate, reduced }) => `${percent(rate)}対象${reduced ? `（軽減税率）${REDUCED_MARK}` : ''}`,
  },
  { header: '税抜金額（円）', width: 90, right: true, of: ({ taxableJpy }) => figure(taxableJpy) },
  { header: '消費税額等（円）', width: 90, right: true, of: ({ taxJpy }) => figure(taxJpy) },
  { header: '税込金額（円）', width: 90, right: true, of: ({ taxableJpy, taxJpy }) => figure(taxableJpy + taxJpy) },
];

const hasNegative = ({ lines, totalJpy }: InvoiceDocument): boolean =>
  totalJpy < 0 || lines.some(({ amountJpy }) => amountJpy < 0);
