/** The rows of a file as text, the way a person sees them in a spreadsheet. */
export interface Table {
  readonly format: 'csv' | 'xlsx';
  /** Null for XLSX, which says its own. */
  readonly encoding: 'utf-8' | 'shift_jis' | null;
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
}

export interface TableRow {
  /** As a spreadsheet numbers it: the header is row 1. */
  readonly number: number;
  /** As many as there are columns. */
  readonly cells: readonly string[];
}

/** What a file may hold. */
export const TABLE_LIMITS = {
  bytes: 20 * 1024 * 1024,
  /** An XLSX file is an archive: what all its parts may unfold to. */
  unfoldedBytes: 200 * 1024 * 1024,
  rows: 10_000,
  /** How far down the last filled row may stand, with empty ones between. */
  lastRow: 100_000,
  /** With the empty ones after it: as many as a sheet has. */
  lines: 1_048_576,
  columns: 100,
  columnNameCharacters: 100,
  /** What a cell of Excel holds at most. */
  cellCharacters: 32_767,
} as const;

/** What is wrong with one place of the file. `column` counts from 1. */
export interface TableFault {
  readonly row: number;
  readonly column: number | null;
  readonly message: string;
}

export type TableFailure = 'too_large' | 'unreadable' | 'invalid';

/** Why a file is not a table. Plain data: it comes from another thread. */
export interface TableRefusal {
  readonly failure: TableFailure;
  /** Japanese, for the person who chose the file. Repeats nothing of it. */
  readonly detail: string;
  readonly faults: readonly TableFault[];
}

export type TableResult =
  { readonly table: Table; readonly refusal: null } | { readonly table: null; readonly refusal: TableRefusal };

/** Thrown by the readers, within their thread. */
export class TableRefused extends Error {
  readonly refusal: TableRefusal;

  constructor(failure: TableFailure, detail: string, faults: readonly TableFault[] = []) {
    super(failure);
    this.refusal = { failure, detail, faults };
  }
}
