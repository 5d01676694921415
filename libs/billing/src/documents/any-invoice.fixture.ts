import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import type { InvoiceDocument, InvoiceLine } from '../invoice-document.ts';
import { isReduced, sumOf, taxesOf } from '../invoices/invoice-sums.ts';
import { issuedInvoice } from './invoice.fixture.ts';

/** Names of offices as they come, and as nobody should give them. */
export const officeName = fc.oneof(
  fc.constantFrom('総務部情報政策課', '葛\u{E0100}城支所', '𠮷野出張所', '\u{E000}外字課', '第1庁舎 "A", 別館'),
  fc.constantFrom('=1+1', '＝SUM(A1:A9)', '\t=1', '\r=1', '+81', '－1', '@x', '<課> & \u0000'),
  fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
);

const line: fc.Arbitrary<InvoiceLine> = fc
  .record({
    kind: fc.constantFrom('base-fee', 'council-base-fee', 'usage', 'correction', 'variance', 'credit'),
    description: officeName,
    model: fc.option(fc.constantFrom('claude-sonnet-4.6', 'nova-lite')),
    amountJpy: fc.integer({ min: -10_000_000, max: 1_000_000_000 }),
    rate: fc.constantFrom('0.1', '0.08'),
    priced: fc.option(
      fc.record({ quantity: fc.nat(2_000_000_000), unit: fc.constantFrom('百万トークン', '百万文字', '月') }),
    ),
  })
  .map(({ kind, description, model, amountJpy, rate, priced }) => {
    const quantity = priced && new Decimal(priced.quantity).div(1_000_000);
    const floored = quantity ? quantity.times('123.4567').floor().toNumber() : amountJpy;
    return {
      position: 0,
      kind,
      description,
      model,
      quantity: quantity?.toFixed() ?? null,
      unit: priced?.unit ?? null,
      unitPriceJpy: priced ? '123.4567' : null,
      amountJpy: floored,
      taxRate: rate,
      reducedRate: isReduced(new Decimal(rate)),
      correctsMonth: kind === 'correction' ? '2026-09' : null,
    };
  });

/** Any issued invoice: its taxes and sums follow from its lines as the product reckons them. */
export const anyInvoice: fc.Arbitrary<InvoiceDocument & { number: string; issuedOn: string }> = fc
  .record({
    lines: fc.array(line, { minLength: 1, maxLength: 12 }),
    names: fc.array(officeName, { minLength: 3, maxLength: 3 }),
    serial: fc.integer({ min: 1, max: 999_999 }),
  })
  .map(({ lines, names, serial }) => {
    const taxes = taxesOf(lines.map(({ amountJpy, taxRate }) => ({ amountJpy, taxRate: new Decimal(taxRate) })));
    const subtotalJpy = sumOf(lines.map(({ amountJpy }) => amountJpy));
    const taxJpy = sumOf(taxes.map((tax) => tax.taxJpy));
    return {
      ...issuedInvoice,
      number: `M2026-${String(serial).padStart(6, '0')}`,
      lines: lines.map((item, index) => ({ ...item, position: index + 1 })),
      taxes,
      subtotalJpy,
      taxJpy,
      totalJpy: subtotalJpy + taxJpy,
      allocations: [
        {
          ...issuedInvoice.allocations[0],
          departmentName: names[0] ?? '',
          subtotalJpy,
          taxJpy,
          totalJpy: subtotalJpy + taxJpy,
        },
      ],
      usage: issuedInvoice.usage.map((usage, index) => ({ ...usage, departmentName: names[index] ?? '' })),
    };
  });
