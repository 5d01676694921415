import { Decimal } from 'decimal.js';
import { DomainError, type ErrorCode } from '#libs/kernel';

export const REPORT_FORMATS = ['cur-2.0', 'cost-explorer'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

export const TOKEN_KINDS = ['input', 'output', 'cache_read', 'cache_write'] as const;
export type TokenKind = (typeof TOKEN_KINDS)[number];

/** What one file may hold. Only the sums by day are kept in memory, so it is they that are bounded. */
export const REPORT_LIMITS = {
  /** As sent. */
  bytes: 256 * 1024 ** 2,
  /** Out of its gzip. */
  unpackedBytes: 8 * 1024 ** 3,
  recordBytes: 1024 ** 2,
  sums: 50_000,
} as const;

/** Dollars with more digits than any bill has: sums are exact. */
export const Usd = Decimal.clone({ precision: 60 });

/** One line of the provider's bill that is about a model. */
export interface ReportLine {
  /** UTC, `YYYY-MM-DD`. */
  readonly day: string;
  /** Empty where the report names none. */
  readonly region: string;
  /** Empty in Cost Explorer. */
  readonly productCode: string;
  readonly usageType: string;
  readonly charge: 'usage' | 'credit';
  /** Null where the report does not say how many tokens its unit is. */
  readonly tokens: Decimal | null;
  readonly usd: Decimal;
  /** As an editor counts them: the header is 1. */
  readonly fileLine: number;
}

/** What a line of the file is for the comparison. */
export type ReadLine =
  { readonly scope: 'model'; readonly line: ReportLine } | { readonly scope: 'tax' | 'other'; readonly usd: Decimal };

/** Reads the records of one format, each by the columns that the header named. */
export interface ReportReader {
  readonly format: ReportFormat;
  /** @throws DomainError RECONCILIATION.* */
  read(record: readonly string[], fileLine: number): Iterable<ReadLine>;
}

/** A file that is refused, with the place in it that is wrong. */
export const refused = (code: ErrorCode, fileLine: number, column: string | null, message: string): DomainError =>
  new DomainError(code, {
    detail: column === null ? `${fileLine}行目：${message}` : `${fileLine}行目「${column}」：${message}`,
    faults: [
      {
        pointer: `/lines/${fileLine}${column === null ? '' : `/${column.replaceAll('~', '~0').replaceAll('/', '~1')}`}`,
        message,
      },
    ],
  });

const NUMBER = /^-?\d{1,15}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,2})?$/;
const MOST = new Usd('1e12');

/** A figure of the file. @throws DomainError RECONCILIATION.AMOUNT_INVALID */
export function readAmount(text: string, fileLine: number, column: string): Decimal {
  const amount = NUMBER.test(text) ? new Usd(text) : null;
  if (!amount || amount.abs().gte(MOST))
    throw refused('RECONCILIATION.AMOUNT_INVALID', fileLine, column, '数値として読み取れません。');
  return amount;
}
