import type { Decimal } from 'decimal.js';
import { DomainError } from '#libs/kernel';
import { type ReadLine, type ReportReader, readAmount, refused } from './cost-report.ts';
import { regionOfUsageType, speaksOfTokens } from './usage-type.ts';

const NEEDED = [
  'line_item_usage_start_date',
  'line_item_line_item_type',
  'line_item_product_code',
  'line_item_usage_type',
  'line_item_usage_amount',
  'line_item_unblended_cost',
  'line_item_currency_code',
] as const;
/** Columns of the export that are used where it has them. */
const WELCOME = ['line_item_operation', 'pricing_unit', 'product_region_code'] as const;
type Column = (typeof NEEDED)[number] | (typeof WELCOME)[number];

/** Negative by nature: credits, refunds and the many kinds of discount. */
const GIVES_BACK = /^(?:Credit|Refund|SavingsPlanNegation|.*Discount)$/;
const TOKENS_OF_UNIT: Readonly<Record<string, number>> = { token: 1, '1k token': 1_000, '1m token': 1_000_000 };
const TIME = /^(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?Z?)?$/;

/** A line of AWS's Cost and Usage Report 2.0 (Data Exports, CSV). Its days and months are UTC. */
export class CurReader implements ReportReader {
  readonly format = 'cur-2.0';
  private readonly columns: ReadonlyMap<Column, number>;

  /**
   * @param month `YYYY-MM` that the report is for
   * @throws DomainError RECONCILIATION.COLUMNS_MISSING
   */
  constructor(
    header: readonly string[],
    private readonly month: string,
  ) {
    const missing = NEEDED.filter((column) => !header.includes(column));
    if (missing.length > 0)
      throw new DomainError('RECONCILIATION.COLUMNS_MISSING', {
        detail: `必要な列がありません：${missing.join('、')}`,
        faults: missing.map((column) => ({ pointer: `/lines/1/${column}`, message: 'この列がありません。' })),
      });
    this.columns = new Map([...NEEDED, ...WELCOME].map((column) => [column, header.indexOf(column)]));
  }

  static speaks(header: readonly string[]): boolean {
    return header.some((column) => column.startsWith('line_item_'));
  }

  *read(record: readonly string[], fileLine: number): Iterable<ReadLine> {
    const cell = (column: Column): string => record[this.columns.get(column)!]?.trim() ?? '';
    const kind = cell('line_item_line_item_type');
    const usd = this.readCost(cell, fileLine);
    if (kind === 'Tax') return yield { scope: 'tax', usd };
    const givesBack = GIVES_BACK.test(kind);
    const day = this.readDay(cell('line_item_usage_start_date'), fileLine, givesBack);
    if (usd.lt(0) && !givesBack)
      throw refused('RECONCILIATION.AMOUNT_INVALID', fileLine, 'line_item_unblended_cost', '返金でない負の金額です。');
    const usageType = cell('line_item_usage_type');
    const productCode = cell('line_item_product_code');
    if (!isAboutModels(productCode, cell('line_item_operation'), usageType)) return yield { scope: 'other', usd };
    yield {
      scope: 'model',
      line: {
        day,
        region: cell('product_region_code') || regionOfUsageType(usageType),
        productCode,
        usageType,
        charge: givesBack ? 'credit' : 'usage',
        tokens: givesBack ? null : readTokens(cell, fileLine),
        usd,
        fileLine,
      },
    };
  }

  private readCost(cell: (column: Column) => string, fileLine: number): Decimal {
    if (cell('line_item_currency_code') !== 'USD')
      throw refused('RECONCILIATION.CURRENCY_REFUSED', fileLine, 'line_item_currency_code', 'USD ではありません。');
    return readAmount(cell('line_item_unblended_cost'), fileLine, 'line_item_unblended_cost');
  }

  /** A credit may name a time long before the month that it is given in; it counts on that month's first day. */
  private readDay(text: string, fileLine: number, isCredit: boolean): string {
    const day = TIME.exec(text)?.[1];
    if (!day || Number.isNaN(Date.parse(day)))
      throw refused(
        'RECONCILIATION.FILE_UNREADABLE',
        fileLine,
        'line_item_usage_start_date',
        '日時として読み取れません。',
      );
    if (day.startsWith(this.month)) return day;
    if (isCredit) return `${this.month}-01`;
    throw refused(
      'RECONCILIATION.MONTH_MISMATCH',
      fileLine,
      'line_item_usage_start_date',
      `${this.month} の明細ではありません。`,
    );
  }
}

/** Model use is sold as Bedrock's own product or, by other makers, through the marketplace under a code that says nothing. */
const isAboutModels = (productCode: string, operation: string, usageType: string): boolean =>
  /bedrock/i.test(productCode) || operation.startsWith('InvokeModel') || speaksOfTokens(usageType);

function readTokens(cell: (column: Column) => string, fileLine: number): Decimal | null {
  const amount = readAmount(cell('line_item_usage_amount') || '0', fileLine, 'line_item_usage_amount');
  if (amount.lt(0))
    throw refused('RECONCILIATION.AMOUNT_INVALID', fileLine, 'line_item_usage_amount', '負の数量です。');
  const size = TOKENS_OF_UNIT[cell('pricing_unit').toLowerCase().replace(/s$/, '')];
  return size === undefined ? null : amount.times(size);
}
