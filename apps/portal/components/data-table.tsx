import type { ReactNode } from 'react';

export interface Column<Row> {
  key: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** Numbers stand to the right, so that their digits line up. */
  numeric?: boolean;
  /** The cell that names the row; read out with every other cell of it. */
  isHeader?: boolean;
  /** Free text wraps; everything else is short and stands on one line. */
  isProse?: boolean;
  /** What can be done with the row stays in sight while the rest is scrolled sideways. */
  isActions?: boolean;
}

export interface DataTableProps<Row> {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  footer?: ReactNode;
}

const STUCK = 'lg:sticky lg:right-0 lg:shadow-[-1px_0_0_var(--color-solid-gray-200)] print:hidden';

/** A table that scrolls in its own region, reachable by keyboard, when the window is narrow. */
export function DataTable<Row>({ caption, columns, rows, rowKey, footer }: DataTableProps<Row>) {
  return (
    <div
      role="region"
      aria-label={caption}
      tabIndex={0}
      className="scroll-shadow overflow-x-auto print:overflow-visible print:bg-none"
    >
      <table className="w-full border-collapse text-dns-16N-130">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="border-b border-solid-gray-600 bg-solid-gray-50">
            {columns.map(({ key, header, numeric, isActions }) => (
              <th
                key={key}
                scope="col"
                className={`px-2 py-3 text-dns-16B-130 2xl:px-4 break-keep wrap-normal ${numeric ? 'text-right' : 'text-left'} ${isActions ? `${STUCK} bg-solid-gray-50` : ''}`}
              >
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} className="group border-b border-solid-gray-300 hover:bg-key-50">
              {columns.map((column) => (
                <Cell key={column.key} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
        {footer && <tfoot className="bg-solid-gray-50 text-dns-16B-130">{footer}</tfoot>}
      </table>
    </div>
  );
}

function Cell<Row>({ column, row }: { column: Column<Row>; row: Row }) {
  const { cell, isHeader, isActions, isProse, numeric } = column;
  const place = [
    'px-2 py-3 2xl:px-4',
    numeric ? 'text-right tabular-nums' : 'text-left',
    isProse ? 'min-w-36 print:min-w-0' : 'whitespace-nowrap',
    isHeader && 'print:whitespace-normal',
    isActions && `${STUCK} bg-white group-hover:bg-key-50`,
    isHeader && 'text-dns-16B-130',
  ].filter(Boolean);
  return isHeader ? (
    <th scope="row" className={place.join(' ')}>
      {cell(row)}
    </th>
  ) : (
    <td className={place.join(' ')}>{cell(row)}</td>
  );
}
