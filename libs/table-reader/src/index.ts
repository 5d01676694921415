export { TABLE_LIMITS, type Table, type TableRow } from './table.ts';
export { type TableOwner, TableReader, pointerOf } from './table-reader.ts';
