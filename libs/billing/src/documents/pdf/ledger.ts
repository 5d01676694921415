import type { Content, TextStyle } from 'pdfmake';

/** A column of a printed table. */
export interface LedgerColumn<Row> {
  readonly header: string;
  /** Points, or what is left. */
  readonly width: number | '*' | 'auto';
  readonly right?: boolean;
  readonly of: (row: Row) => string;
}

/** A table whose heading comes again on each page and whose rows do not break. The total, when there is one, closes it. */
export function ledger<Row>(
  columns: readonly LedgerColumn<Row>[],
  rows: readonly Row[],
  total?: readonly string[],
  style: 'cell' | 'small' = 'cell',
): Content {
  const aligned = (index: number): TextStyle => ({ alignment: columns[index]?.right ? 'right' : 'left' });
  const head = columns.map(({ header, right }) => ({
    text: header,
    style: 'head',
    alignment: right ? ('right' as const) : ('center' as const),
  }));
  const body = rows.map((row) => columns.map(({ of }, index) => ({ text: of(row), style, ...aligned(index) })));
  const foot = total?.map((text, index) => ({ text, style: 'head', ...aligned(index) }));
  return {
    table: {
      headerRows: 1,
      dontBreakRows: true,
      widths: columns.map(({ width }) => width),
      body: [head, ...body, ...(foot ? [foot] : [])],
    },
    layout: 'ledger',
  };
}
