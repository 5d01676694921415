import type { InvoiceDocument, InvoiceLine } from '../invoice-document.ts';

const DEPARTMENTS = [
  {
    id: '01980000-0000-7000-8000-0000000000d1',
    code: '0101',
    name: '総務部情報政策課',
    budgetItem: '02-01-09 情報管理費',
  },
  {
    id: '01980000-0000-7000-8000-0000000000d2',
    code: '0305',
    name: '福祉部子育て支援課',
    budgetItem: '03-02-01 児童福祉総務費',
  },
  {
    id: '01980000-0000-7000-8000-0000000000d3',
    code: null,
    name: '=市民生活部 葛󠄀城・飛鳥・斑鳩地域包括的窓口サービス連携推進室 戸籍住民基本台帳・マイナンバーカード担当',
    budgetItem: null,
  },
] as const;

const PRICE = '01980000-0000-7000-8000-0000000000a1';
const RATE = '01980000-0000-7000-8000-0000000000f1';

const line = (
  position: number,
  kind: InvoiceLine['kind'],
  description: string,
  amountJpy: number,
  more: Partial<InvoiceLine> = {},
): InvoiceLine => ({
  position,
  kind,
  description,
  model: null,
  quantity: '1',
  unit: '式',
  unitPriceJpy: String(amountJpy),
  amountJpy,
  taxRate: '0.1',
  reducedRate: false,
  correctsMonth: null,
  ...more,
});

/** A month of a fictional city as it was issued, with a line of an earlier month and a name nobody expects. */
export const issuedInvoice = {
  version: 1,
  kind: 'invoice',
  number: 'M2026-000123',
  month: '2026-10',
  period: { from: '2026-10-01', to: '2026-10-31' },
  issuedOn: '2026-11-04',
  dueOn: '2026-12-04',
  issuer: {
    name: '株式会社もやい情報サービス',
    registrationNumber: 'T7000012050002',
    postalCode: '630-8580',
    address: '奈良県奈良市登大路町30番地 もやいビル3階',
    contact: '経理部 電話 0742-00-0000',
    bankAccount: '大和あおぞら銀行 奈良支店 普通 1234567 カ）モヤイジヨウホウサービス',
  },
  recipient: {
    tenantId: '01980000-0000-7000-8000-000000000001',
    code: '292010',
    name: '葛󠄀城飛鳥市長',
    postalCode: '630-0000',
    address: '奈良県葛󠄀城飛鳥市中央一丁目1番1号',
  },
  contract: {
    id: '01980000-0000-7000-8000-0000000000c1',
    title: '令和8年度 自治体向け生成AI共同利用サービス提供業務',
    fiscalYear: 2026,
    from: '2026-04-01',
    to: '2027-03-31',
    council: '大和地域情報化推進協議会',
  },
  corrects: null,
  lines: [
    line(1, 'council-base-fee', '基本料金（大和地域情報化推進協議会 按分）10月分', 250_000),
    line(2, 'usage', '生成AI利用料 超過分 10月1日〜10月31日', 61_728, {
      model: 'claude-sonnet-4.6',
      quantity: '123.456789',
      unit: '百万トークン',
      unitPriceJpy: '500.0000',
    }),
    line(3, 'correction', '生成AI利用料 9月分の遅延計上', 1_205, {
      correctsMonth: '2026-09',
      quantity: null,
      unit: null,
      unitPriceJpy: null,
    }),
    line(4, 'variance', '9月分 クラウド料金との差額の返戻', -905, { correctsMonth: '2026-09' }),
  ],
  taxes: [{ rate: '0.1', reduced: false, taxableJpy: 312_028, taxJpy: 31_202 }],
  subtotalJpy: 312_028,
  taxJpy: 31_202,
  totalJpy: 343_230,
  allocations: [
    { ...allocated(0), subtotalJpy: 200_000, taxJpy: 20_000, totalJpy: 220_000 },
    { ...allocated(1), subtotalJpy: 100_000, taxJpy: 10_000, totalJpy: 110_000 },
    { ...allocated(2), subtotalJpy: 12_028, taxJpy: 1_202, totalJpy: 13_230 },
  ],
  usage: [0, 1, 2].map((index) => ({
    acceptedMonth: '2026-10',
    departmentId: DEPARTMENTS[index]?.id ?? null,
    departmentName: DEPARTMENTS[index]?.name ?? '',
    model: 'claude-sonnet-4.6',
    priceId: PRICE,
    fxRateId: RATE,
    calls: 1_234 * (index + 1),
    inputTokens: 45_678_901,
    outputTokens: 3_456_789,
    cacheReadTokens: 120_000,
    cacheWriteTokens: 10_000,
    inputCharacters: 41_000_000,
    outputCharacters: 2_900_000,
    costJpy: '30456.123456',
  })),
  prices: [
    {
      id: PRICE,
      model: 'claude-sonnet-4.6',
      validFrom: '2026-04-01',
      currency: 'USD',
      input: '3.300000',
      output: '16.500000',
      cacheRead: '0.330000',
      cacheWrite: '4.125000',
    },
  ],
  fxRates: [{ id: RATE, validFrom: '2026-10-01', jpyPerUsd: '152.350000' }],
} as const satisfies InvoiceDocument;

function allocated(index: 0 | 1 | 2) {
  const { id, code, name, budgetItem } = DEPARTMENTS[index];
  return { departmentId: id, departmentCode: code, departmentName: name, budgetItem };
}

/** Not numbered yet. */
export const draftInvoice: InvoiceDocument = { ...issuedInvoice, number: null, issuedOn: null, dueOn: null };

/** Takes part of the invoice above back. */
export const creditNote: InvoiceDocument = {
  ...issuedInvoice,
  kind: 'credit-note',
  number: 'M2026-000130',
  issuedOn: '2026-11-20',
  dueOn: null,
  corrects: { number: 'M2026-000123', issuedOn: '2026-11-04' },
  lines: [line(1, 'credit', '超過分の一部取消し', -1_005)],
  taxes: [{ rate: '0.1', reduced: false, taxableJpy: -1_005, taxJpy: -100 }],
  subtotalJpy: -1_005,
  taxJpy: -100,
  totalJpy: -1_105,
  allocations: [{ ...allocated(0), subtotalJpy: -1_005, taxJpy: -100, totalJpy: -1_105 }],
  usage: [],
  prices: [],
  fxRates: [],
};

/** Both rates, as some day a printed handbook might bring them: 105 yen three times is 31 yen of tax, not 30. */
export const twoRates: InvoiceDocument = {
  ...issuedInvoice,
  lines: [
    line(1, 'usage', '利用料 その1', 105),
    line(2, 'usage', '利用料 その2', 105),
    line(3, 'usage', '利用料 その3', 105),
    line(4, 'usage', '広報紙の定期購読', 1_001, { taxRate: '0.08', reducedRate: true }),
  ],
  taxes: [
    { rate: '0.1', reduced: false, taxableJpy: 315, taxJpy: 31 },
    { rate: '0.08', reduced: true, taxableJpy: 1_001, taxJpy: 80 },
  ],
  subtotalJpy: 1_316,
  taxJpy: 111,
  totalJpy: 1_427,
  allocations: [{ ...allocated(0), subtotalJpy: 1_316, taxJpy: 111, totalJpy: 1_427 }],
};
