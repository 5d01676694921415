import { buffer } from 'node:stream/consumers';
import { parse } from 'csv-parse/sync';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvStream } from '#libs/spreadsheet';
import { propertyRuns } from '#libs/testing';
import type { InvoiceDocument } from '../invoice-document.ts';
import { sumOf } from '../invoices/invoice-sums.ts';
import { anyInvoice } from './any-invoice.fixture.ts';
import { focusTable } from './focus.ts';
import { creditNote, draftInvoice, issuedInvoice } from './invoice.fixture.ts';

const RUNS = propertyRuns(50);
const TIME_MS = Math.max(30_000, RUNS * 20);

type Row = Record<string, string>;

async function focusOf(...documents: InvoiceDocument[]): Promise<Row[]> {
  const file = await buffer(csvStream(focusTable(documents), { bom: false }));
  return parse(file, { columns: true });
}

/** Feature level "Mandatory" in FOCUS 1.2. */
const MANDATORY = (
  'BilledCost BillingAccountId BillingAccountName BillingCurrency BillingPeriodEnd BillingPeriodStart ChargeCategory ChargeClass ' +
  'ChargeDescription ChargePeriodEnd ChargePeriodStart ContractedCost EffectiveCost InvoiceIssuerName ListCost PricingQuantity ' +
  'PricingUnit ProviderName PublisherName ServiceCategory ServiceName'
).split(' ');
/** Of these, the ones that may be null. */
const NULLABLE = new Set(['ChargeClass', 'PricingQuantity', 'PricingUnit']);

describe('FOCUS 1.2', () => {
  it('has every mandatory column, and empty only where null is allowed', async () => {
    for (const row of await focusOf(issuedInvoice, creditNote)) {
      expect(Object.keys(row)).toEqual(expect.arrayContaining(MANDATORY));
      for (const column of MANDATORY)
        if (!NULLABLE.has(column)) expect([column, row[column]]).not.toEqual([column, '']);
    }
  });

  it(
    'adds up to each invoice, tax included',
    () =>
      fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(anyInvoice, { minLength: 1, maxLength: 4, selector: ({ number }) => number }),
          async (invoices) => {
            const byInvoice = Map.groupBy(await focusOf(...invoices), (row) => row['InvoiceId']);
            for (const { number, totalJpy, taxJpy } of invoices) {
              const rows = byInvoice.get(number) ?? [];
              expect(sumOf(rows.map((row) => Number(row['BilledCost'])))).toBe(totalJpy);
              expect(sumOf(rows.filter(isTax).map((row) => Number(row['BilledCost'])))).toBe(taxJpy);
            }
          },
        ),
        { numRuns: RUNS },
      ),
    TIME_MS,
  );

  it(
    'prices use and purchases only, and the price times the quantity is the contracted cost',
    () =>
      fc.assert(
        fc.asyncProperty(anyInvoice, async (invoice) => {
          for (const row of await focusOf(invoice)) {
            const priced = ['Usage', 'Purchase'].includes(row['ChargeCategory'] ?? '') && row['ChargeClass'] === '';
            for (const column of [
              'PricingQuantity',
              'PricingUnit',
              'ContractedUnitPrice',
              'SkuPriceId',
              'PricingCategory',
            ])
              expect([column, row[column] !== '']).toEqual([column, priced]);
            if (!priced) continue;
            const product = new Decimal(row['ContractedUnitPrice'] ?? '').times(row['PricingQuantity'] ?? '');
            expect(product.equals(row['ContractedCost'] ?? '')).toBe(true);
          }
        }),
        { numRuns: RUNS },
      ),
    TIME_MS,
  );

  it('calls a correction only what belongs to a month that was invoiced before', async () => {
    const rows = await focusOf(issuedInvoice);
    expect(rows.map((row) => [row['ChargeCategory'], row['ChargeClass'], row['ChargePeriodStart']])).toEqual([
      ['Purchase', '', '2026-09-30T15:00:00Z'],
      ['Usage', '', '2026-09-30T15:00:00Z'],
      ['Usage', 'Correction', '2026-08-31T15:00:00Z'],
      ['Adjustment', 'Correction', '2026-08-31T15:00:00Z'],
      ['Tax', '', '2026-09-30T15:00:00Z'],
    ]);
    expect((await focusOf(creditNote)).map((row) => row['ChargeClass'])).toEqual(['Correction', 'Correction']);
  });

  it('gives a draft no invoice', async () => {
    expect(new Set((await focusOf(draftInvoice)).map((row) => row['InvoiceId']))).toEqual(new Set(['']));
  });
});

const isTax = (row: Row): boolean => row['ChargeCategory'] === 'Tax';
