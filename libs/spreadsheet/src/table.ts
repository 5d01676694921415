/** A column: its heading, what its cells hold, and how a row fills it. */
export type Column<Row> = { readonly header: string } & (
  | { readonly kind: 'text'; readonly of: (row: Row) => string | null }
  /** Whole numbers: counts, tokens, yen. */
  | { readonly kind: 'integer'; readonly of: (row: Row) => number | bigint | null }
  /** Exact decimals as strings, as NUMERIC and `Decimal` write them. */
  | { readonly kind: 'decimal'; readonly of: (row: Row) => string | null }
  /** JST days as `YYYY-MM-DD`. */
  | { readonly kind: 'day'; readonly of: (row: Row) => string | null }
);

export type ColumnKind = Column<never>['kind'];

export type Cell = string | number | bigint | null;

/** A table on its way out, whose rows may still come. */
export interface StreamedTable<Rows = Iterable<readonly Cell[]> | AsyncIterable<readonly Cell[]>> {
  /** Name of the sheet. */
  readonly name: string;
  readonly columns: readonly { readonly header: string; readonly kind: ColumnKind }[];
  readonly rows: Rows;
}

/** A table on its way out, with all its rows at hand. */
export type Table = StreamedTable<Iterable<readonly Cell[]>>;

/**
 * @param rows read when the table is written, so a large table may come from a cursor
 * @throws TypeError while it is written, when a cell is not what its column says: text in a number column would be an
 *   unguarded formula
 */
export function tableOf<Row>(name: string, columns: readonly Column<Row>[], rows: Iterable<Row>): Table;
export function tableOf<Row>(
  name: string,
  columns: readonly Column<Row>[],
  rows: Iterable<Row> | AsyncIterable<Row>,
): StreamedTable;
export function tableOf<Row>(
  name: string,
  columns: readonly Column<Row>[],
  rows: Iterable<Row> | AsyncIterable<Row>,
): StreamedTable {
  const cells = (row: Row) => columns.map((column) => checked(column, column.of(row)));
  return { name, columns, rows: Symbol.asyncIterator in rows ? mapLater(rows, cells) : mapNow(rows, cells) };
}

function* mapNow<Row>(rows: Iterable<Row>, cells: (row: Row) => Cell[]): Generator<Cell[]> {
  for (const row of rows) yield cells(row);
}

async function* mapLater<Row>(rows: AsyncIterable<Row>, cells: (row: Row) => Cell[]): AsyncGenerator<Cell[]> {
  for await (const row of rows) yield cells(row);
}

const SHAPES = {
  text: /^/,
  integer: /^-?\d+$/,
  decimal: /^-?\d+(?:\.\d+)?$/,
  day: /^\d{4}-\d{2}-\d{2}$/,
} as const satisfies Record<ColumnKind, RegExp>;

function checked({ header, kind }: { header: string; kind: ColumnKind }, cell: Cell): Cell {
  if (cell === null || SHAPES[kind].test(String(cell))) return cell;
  throw new TypeError(`The column "${header}" holds cells of kind ${kind}`);
}
