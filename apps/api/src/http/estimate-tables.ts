import type { CityForecast, EstimateView } from '#libs/billing';
import { type Column, tableOf } from '#libs/spreadsheet';

type EstimateLine = EstimateView['rows'][number];

/** A year's estimate for spreadsheets: departments and uses, tax, total. */
export const estimateTable = ({ fiscalYear, rows, fee, tokens }: EstimateView) => {
  const tax = (quantile: 'p50' | 'p90') => fee && fee.withTaxJpy[quantile] - fee.beforeTaxJpy[quantile];
  const line = (label: string, of: Partial<EstimateLine>): EstimateLine => ({
    departmentId: null,
    department: label,
    purpose: '',
    tokens: { p50: 0, p90: 0 },
    feeJpy: null,
    ...of,
  });
  const sums = fee && [
    line('消費税及び地方消費税', { feeJpy: { p50: tax('p50') ?? 0, p90: tax('p90') ?? 0 } }),
    line('合計（税込）', { tokens, feeJpy: fee.withTaxJpy }),
  ];
  const columns: readonly Column<EstimateLine>[] = [
    { header: '所属', kind: 'text', of: ({ department }) => department ?? '（所属なし）' },
    { header: '事務', kind: 'text', of: ({ purpose }) => purpose ?? '（指定なし）' },
    { header: 'トークン（P50）', kind: 'integer', of: (row) => row.tokens.p50 },
    { header: 'トークン（P90）', kind: 'integer', of: (row) => row.tokens.p90 },
    { header: '金額・円（P50）', kind: 'integer', of: ({ feeJpy }) => feeJpy && feeJpy.p50 },
    { header: '金額・円（P90）', kind: 'integer', of: ({ feeJpy }) => feeJpy && feeJpy.p90 },
  ];
  return tableOf(`${fiscalYear}年度見積り`, columns, [...rows, ...(sums ?? [line('合計', { tokens })])]);
};

type ForecastLine = CityForecast['months'][number] | { readonly month: '合計'; readonly total: CityForecast };

const fields = (line: ForecastLine) =>
  'total' in line
    ? { band: line.total.year, limitTokens: null, feeJpy: line.total.yearFeeJpy, state: '' }
    : { ...line, state: line.isOver ? '実績' : '見込み' };

/** A city's months to the end of the fiscal year for spreadsheets. */
export const forecastTable = (forecast: CityForecast) =>
  tableOf<ForecastLine>(
    '利用見込み',
    [
      { header: '月', kind: 'text', of: ({ month }) => month },
      { header: '区分', kind: 'text', of: (line) => fields(line).state },
      { header: '上限トークン', kind: 'integer', of: (line) => fields(line).limitTokens },
      { header: 'トークン（P10）', kind: 'integer', of: (line) => fields(line).band.p10 },
      { header: 'トークン（P50）', kind: 'integer', of: (line) => fields(line).band.p50 },
      { header: 'トークン（P90）', kind: 'integer', of: (line) => fields(line).band.p90 },
      { header: '金額・円・税込（P10）', kind: 'integer', of: (line) => fields(line).feeJpy?.p10 ?? null },
      { header: '金額・円・税込（P50）', kind: 'integer', of: (line) => fields(line).feeJpy?.p50 ?? null },
      { header: '金額・円・税込（P90）', kind: 'integer', of: (line) => fields(line).feeJpy?.p90 ?? null },
    ],
    [...forecast.months, { month: '合計', total: forecast }],
  );
