import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { readXlsx } from 'hucre/xlsx';
import { describe, expect, it } from 'vitest';
import { csvOf, workbookOf } from '#libs/spreadsheet';
import { propertyRuns } from '#libs/testing';
import type { InvoiceDocument } from '../invoice-document.ts';
import { sumOf } from '../invoices/invoice-sums.ts';
import { anyInvoice } from './any-invoice.fixture.ts';
import { issuedInvoice } from './invoice.fixture.ts';
import { INVOICE_TABLES, type InvoiceTableName, invoiceSheets, invoiceTable } from './invoice-tables.ts';

const RUNS = propertyRuns(100);
const WORKBOOK_RUNS = propertyRuns(20);
const TIME_MS = Math.max(30_000, RUNS * 20);

const readCsv = (document: InvoiceDocument, name: InvoiceTableName): Record<string, string>[] =>
  parse(csvOf(invoiceTable(document, name)), { bom: true, columns: true });

const sumOfColumn = (rows: readonly Record<string, unknown>[], column: string): number =>
  sumOf(rows.map((row) => Number(row[column])));

describe('the tables of an invoice', () => {
  it(
    'say the same figures as the invoice when a CSV is read back',
    () =>
      fc.assert(
        fc.property(anyInvoice, (document) => {
          const lines = readCsv(document, 'lines');
          expect(lines).toHaveLength(document.lines.length + document.taxes.length);
          expect(sumOfColumn(lines, '金額（円）')).toBe(document.totalJpy);
          expect(sumOfColumn(readCsv(document, 'allocations'), '税込金額（円）')).toBe(document.totalJpy);
          expect(readCsv(document, 'usage').map((row) => [row['入力トークン'], row['参考費用（円）']])).toEqual(
            document.usage.map(({ inputTokens, costJpy }) => [String(inputTokens), costJpy]),
          );
        }),
        { numRuns: RUNS },
      ),
    TIME_MS,
  );

  it(
    'say the same figures as the invoice when a workbook is read back, as numbers',
    () =>
      fc.assert(
        fc.asyncProperty(anyInvoice, async (document) => {
          const { sheets } = await readXlsx(await workbookOf(invoiceSheets(document)));
          const [facts, lines, allocations] = sheets.map(({ rows }) => rows);
          expect(facts?.at(-1)?.at(-1)).toBe(document.totalJpy);
          const amounts = lines?.slice(1).map((row) => row[lines[0]?.indexOf('金額（円）') ?? 0]);
          expect(amounts?.every((amount) => typeof amount === 'number')).toBe(true);
          expect(sumOf(amounts?.map(Number) ?? [])).toBe(document.totalJpy);
          expect(sumOf(allocations?.slice(1).map((row) => Number(row.at(-1))) ?? [])).toBe(document.totalJpy);
        }),
        { numRuns: WORKBOOK_RUNS },
      ),
    TIME_MS,
  );

  it(
    'hold no name that a spreadsheet would calculate, and lose none',
    () =>
      fc.assert(
        fc.property(anyInvoice, (document) => {
          for (const name of INVOICE_TABLES)
            for (const row of readCsv(document, name))
              for (const [column, cell] of Object.entries(row))
                if (!/円|数量|税率/.test(column)) expect(cell).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
          const names = readCsv(document, 'usage').map((row) => row['所属'] ?? '');
          for (const [index, { departmentName }] of document.usage.entries())
            expect([departmentName, `'${departmentName}`]).toContain(names[index]);
        }),
        { numRuns: RUNS },
      ),
    TIME_MS,
  );

  it('have days as days, and say of every row whose it is', async () => {
    const { sheets } = await readXlsx(await workbookOf(invoiceSheets(issuedInvoice)));
    expect(sheets.map(({ name }) => name)).toEqual(['請求書', '明細', '配賦表', '利用明細', '単価', '為替']);
    expect(sheets[1]?.rows[1]?.slice(0, 5)).toEqual([
      'M2026-000123',
      new Date('2026-11-04T00:00:00Z'),
      '2026-10',
      '292010',
      '葛\u{E0100}城飛鳥市長',
    ]);
  });
});
