import { Temporal } from 'temporal-polyfill';

const WAREKI = new Intl.DateTimeFormat('ja-JP-u-ca-japanese', { dateStyle: 'long', timeZone: 'UTC' });

const grouped = (digits: string): string => digits.replace(/\B(?=(?:\d{3})+$)/g, ',');

/** `△1,234`, as Japanese accounts write what is taken away. Takes whole numbers and exact decimals. */
export function figure(value: number | string): string {
  const [, sign, whole = '', part] = /^(-?)(\d+)(?:\.(\d*?)0*)?$/.exec(String(value)) ?? [];
  if (sign === undefined) throw new TypeError('Not a plain decimal number');
  return `${sign && '△'}${grouped(whole)}${part ? `.${part}` : ''}`;
}

/** 令和8年11月4日 */
export const wareki = (day: string): string => WAREKI.format(new Date(`${day}T00:00:00Z`));

/** 令和8年10月分 */
export const warekiMonth = (month: string): string => `${wareki(`${month}-01`).replace(/\d+日$/, '')}分`;

/** 令和8年度, of the year it starts in. */
export const warekiYear = (year: number): string => `${wareki(`${year}-05-01`).replace(/年.*$/, '')}年度`;

/** `0.1` is 10%. */
export const percent = (rate: string): string => `${figure(String(Math.round(Number(rate) * 1000) / 10))}%`;

/** Midnight JST of a day. */
export const jstMidnight = (day: string): Date =>
  new Date(Temporal.PlainDate.from(day).toZonedDateTime('Asia/Tokyo').epochMilliseconds);
