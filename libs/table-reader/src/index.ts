export { TABLE_LIMITS, type Table, type TableRow } from './table.ts';
export { TableReader, pointerOf } from './table-reader.ts';
