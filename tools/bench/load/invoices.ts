import { randomUUID } from 'node:crypto';
import type { InvoiceAllocation, InvoiceDocument, InvoiceUsage } from '#libs/billing';

const MODELS = ['claude-opus-4.8', 'claude-sonnet-4.6', 'nova-lite'];
const BUREAUS = ['総務', '企画', '市民', '福祉', '健康', '環境', '産業', '建設', '都市', '教育'];
const WORK = ['政策課', '総務課', '支援課', '推進室', '管理課', '窓口担当'];

/** Invoices as cities of all sizes get them: the number of departments grows with the city, from three to sixty. */
export function* invoices(count: number): Generator<InvoiceDocument> {
  for (let city = 0; city < count; city += 1) yield invoice(city, 3 + Math.round(57 * (city / count) ** 4));
}

function invoice(city: number, departments: number): InvoiceDocument {
  const names = Array.from({ length: departments }, (_, index) => nameOf(index));
  const allocations = names.map((name, index): InvoiceAllocation => ({
    departmentId: randomUUID(),
    departmentCode: String(index).padStart(4, '0'),
    departmentName: name,
    budgetItem: `02-01-${String(index % 30).padStart(2, '0')} 情報管理費`,
    subtotalJpy: 10_000,
    taxJpy: 1_000,
    totalJpy: 11_000,
  }));
  const subtotalJpy = 10_000 * departments;
  return {
    version: 1,
    kind: 'invoice',
    number: `M2026-${String(city + 1).padStart(6, '0')}`,
    month: '2026-10',
    period: { from: '2026-10-01', to: '2026-10-31' },
    issuedOn: '2026-11-04',
    dueOn: '2026-12-04',
    issuer: {
      name: 'もやい計測株式会社',
      registrationNumber: 'T7000012050002',
      postalCode: '100-0001',
      address: '東京都千代田区千代田1番1号',
      contact: null,
      bankAccount: '計測銀行 本店 普通 1234567',
    },
    recipient: {
      tenantId: randomUUID(),
      code: '131016',
      name: `計測第${city + 1}市長`,
      postalCode: '100-0001',
      address: '東京都千代田区千代田1番1号',
    },
    contract: {
      id: randomUUID(),
      title: '自治体向け生成AI共同利用サービス提供業務',
      fiscalYear: 2026,
      from: '2026-04-01',
      to: '2027-03-31',
      council: null,
    },
    corrects: null,
    lines: [
      {
        position: 1,
        kind: 'base-fee',
        description: '基本料金 10月分',
        model: null,
        quantity: '1',
        unit: '月',
        unitPriceJpy: String(subtotalJpy),
        amountJpy: subtotalJpy,
        taxRate: '0.1',
        reducedRate: false,
        correctsMonth: null,
      },
    ],
    taxes: [{ rate: '0.1', reduced: false, taxableJpy: subtotalJpy, taxJpy: subtotalJpy / 10 }],
    subtotalJpy,
    taxJpy: subtotalJpy / 10,
    totalJpy: subtotalJpy * 1.1,
    allocations,
    usage: allocations.flatMap((part) => MODELS.map((model, index) => usage(part, model, index))),
    prices: [],
    fxRates: [],
  };
}

const nameOf = (index: number): string =>
  `${BUREAUS[index % BUREAUS.length]}部${BUREAUS[(index * 3) % BUREAUS.length]}${WORK[index % WORK.length]}`;

const usage = ({ departmentId, departmentName }: InvoiceAllocation, model: string, index: number): InvoiceUsage => ({
  acceptedMonth: '2026-10',
  departmentId,
  departmentName,
  model,
  priceId: departmentId ?? '',
  fxRateId: null,
  calls: 1_234 * (index + 1),
  inputTokens: 12_345_678 * (index + 1),
  outputTokens: 1_234_567 * (index + 1),
  cacheReadTokens: 120_000,
  cacheWriteTokens: 10_000,
  inputCharacters: 11_111_111,
  outputCharacters: 1_111_111,
  costJpy: '30456.123456',
});
