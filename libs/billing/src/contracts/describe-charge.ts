import type { ContractMonth, ContractTerms, TermStretch } from '../charge.ts';

/** Lines as the city's accountant reads them. */
const UNITS = { tokens: 'トークン', characters: '文字' } as const;

/** What a usage line counts in: its price is agreed per million. */
export const millionOf = ({ unit }: ContractTerms): string => `百万${UNITS[unit]}`;

const monthOf = (day: string): string => `${day.slice(0, 4)}年${Number(day.slice(5, 7))}月分`;
const dayOf = (day: string): string => `${Number(day.slice(5, 7))}月${Number(day.slice(8, 10))}日`;

const grouped = (count: bigint | number): string => count.toLocaleString('en-US');

/** The whole month, or which of its days. */
const timeOf = ({ from, to, days, daysOfMonth }: TermStretch): string =>
  days === daysOfMonth
    ? monthOf(from)
    : `${monthOf(from)}、${dayOf(from)}から${dayOf(to)}まで${daysOfMonth}日のうち${days}日`;

export const describeBaseFee = (stretch: TermStretch): string => `基本料金（${timeOf(stretch)}）`;

export const describeCouncilFee = (month: ContractMonth, council: string): string =>
  `協議会基本料金（${monthOf(month.month)}、${council}）`;

/** Says how the quantity came about: what was used, and what of it the base fee covers. */
export function describeUnits(stretch: TermStretch, counted: bigint, included: bigint): string {
  const unit = UNITS[stretch.terms.unit];
  return `従量料金（${timeOf(stretch)}、利用${grouped(counted)}${unit}、うち基本料金に含む${grouped(included)}${unit}を除く）`;
}

export function describeCost(stretch: TermStretch, model: string, markup: string, included: bigint): string {
  const less = included > 0n ? `、基本料金に含む${grouped(included)}${UNITS[stretch.terms.unit]}分を除く` : '';
  return `従量料金（${timeOf(stretch)}、${model}、実費に${markup}%を加算${less}）`;
}

export const describeCorrection = (stretch: TermStretch, model: string | null): string =>
  `従量料金の訂正（${timeOf(stretch)}${model ? `、${model}` : ''}、請求済みの額との差額）`;
