export { csvOf, csvStream } from './csv.ts';
export { type Column, type StreamedTable, type Table, tableOf } from './table.ts';
export { fitsCell, workbookOf, workbookStream } from './workbook.ts';
