import { dateToSerial, format } from 'numfmt';

type Value = string | number | boolean | Date | null;

/** Excel stores the short date of the reader's country under this one; in Japan it is shown like that. */
const SHORT_DATES = new Set(['m/d/yy', 'mm-dd-yy', 'm/d/yyyy']);
const SHORT_DATE_IN_JAPAN = 'yyyy/m/d';
const PLAIN = new Set(['', 'General', '@']);

/**
 * A value as it stands on the screen: dates and numbers by their format. A number without a format keeps all the digits it
 * has, where Excel would shorten it (1.23E+11), because it may be a code.
 */
export function cellText(value: Value, numberFormat = ''): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  const pattern = SHORT_DATES.has(numberFormat) ? SHORT_DATE_IN_JAPAN : numberFormat;
  if (value instanceof Date) {
    const serial = dateToSerial(value);
    return serial === null ? '' : format(PLAIN.has(pattern) ? SHORT_DATE_IN_JAPAN : pattern, serial, { locale: 'ja' });
  }
  return PLAIN.has(pattern) ? plainNumber(value) : format(pattern, value, { locale: 'ja' });
}

/** Fifteen digits are what Excel keeps of a number; more would show how it is stored (0.30000000000000004). */
const plainNumber = (value: number): string =>
  new Intl.NumberFormat('en', { useGrouping: false, maximumSignificantDigits: 15 }).format(value);
