import { DomainError } from '#libs/kernel';
import { type ReadLine, type ReportReader, readAmount, refused } from './cost-report.ts';
import { regionOfUsageType, speaksOfTokens } from './usage-type.ts';

const FIRST_COLUMN = /^usage type$/i;
const TOTAL = /^(?:usage type total|total costs?)/i;
const COST_COLUMN = /^(.+?)\s*\(([^()]*)\)$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

interface CostColumn {
  readonly at: number;
  readonly usageType: string;
  readonly name: string;
}

/**
 * The CSV that Cost Explorer downloads: costs by usage type (one column each), one row a day. It has no tokens and no
 * product codes, so it only tells amounts, and models that share a usage type cannot be told apart by it.
 */
export class CostExplorerReader implements ReportReader {
  readonly format = 'cost-explorer';
  private readonly columns: readonly CostColumn[];

  /** @throws DomainError RECONCILIATION.CURRENCY_REFUSED, RECONCILIATION.COLUMNS_MISSING */
  constructor(
    header: readonly string[],
    private readonly month: string,
  ) {
    this.columns = header.flatMap((name, at) => costColumn(name, at));
    if (this.columns.length === 0)
      throw new DomainError('RECONCILIATION.COLUMNS_MISSING', { detail: '使用タイプ別の費用の列がありません。' });
  }

  static speaks(header: readonly string[]): boolean {
    return FIRST_COLUMN.test(header[0] ?? '');
  }

  *read(record: readonly string[], fileLine: number): Iterable<ReadLine> {
    const day = record[0]?.trim() ?? '';
    if (TOTAL.test(day)) return;
    if (!DAY.test(day))
      throw refused('RECONCILIATION.FILE_UNREADABLE', fileLine, 'Usage type', '日別（YYYY-MM-DD）の行ではありません。');
    for (const { at, usageType, name } of this.columns) {
      const text = record[at]?.trim() ?? '';
      if (text === '') continue;
      const usd = readAmount(text, fileLine, name);
      if (usd.isZero()) continue;
      // A day for each row: with a month's granularity the row would be named by its first day and hold all of it.
      if (!day.startsWith(this.month))
        throw refused('RECONCILIATION.MONTH_MISMATCH', fileLine, 'Usage type', `${this.month} の明細ではありません。`);
      if (usd.lt(0))
        throw refused(
          'RECONCILIATION.AMOUNT_INVALID',
          fileLine,
          name,
          '負の金額です。クレジットは CUR で取り込んでください。',
        );
      if (!speaksOfTokens(usageType)) yield { scope: 'other', usd };
      else
        yield {
          scope: 'model',
          line: {
            day,
            region: regionOfUsageType(usageType),
            productCode: '',
            usageType,
            charge: 'usage',
            tokens: null,
            usd,
            fileLine,
          },
        };
    }
  }
}

function costColumn(name: string, at: number): CostColumn[] {
  const [, usageType, currency] = COST_COLUMN.exec(name.trim()) ?? [];
  if (at === 0 || usageType === undefined || TOTAL.test(usageType)) return [];
  if (currency !== '$' && currency !== 'USD')
    throw refused('RECONCILIATION.CURRENCY_REFUSED', 1, name, 'USD の費用ではありません。');
  return [{ at, usageType, name }];
}
