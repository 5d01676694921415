import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convert } from 'xmlbuilder2';
import { propertyRuns } from '#libs/testing';
import { sumOf } from '../invoices/invoice-sums.ts';
import { anyInvoice } from './any-invoice.fixture.ts';
import { corporateNumberOf } from './corporate-number.ts';
import { creditNote, issuedInvoice, twoRates } from './invoice.fixture.ts';
import { type IssuedInvoice, jpPint } from './jp-pint.ts';

const RUNS = propertyRuns(50);
const TIME_MS = Math.max(30_000, RUNS * 20);

/** The order in which UBL 2.1 demands the parts of an invoice that we use. */
const SEQUENCE = (
  'CustomizationID ProfileID ID IssueDate DueDate InvoiceTypeCode Note DocumentCurrencyCode InvoicePeriod BillingReference ' +
  'ContractDocumentReference AccountingSupplierParty AccountingCustomerParty PaymentTerms TaxTotal LegalMonetaryTotal InvoiceLine'
).split(' ');

describe('JP PINT', () => {
  it('is an invoice of the Japanese specification, its parts in the order of UBL (ibr-01 to ibr-05, aligned-ibrp-052)', () => {
    const invoice = read(issuedInvoice);
    const names = invoice.names();
    expect(names).toEqual([...names].sort((a, b) => SEQUENCE.indexOf(a) - SEQUENCE.indexOf(b)));
    expect(names.every((name) => SEQUENCE.includes(name))).toBe(true);
    expect(invoice.text('CustomizationID')).toBe('urn:peppol:pint:billing-1@jp-1');
    expect(invoice.text('ProfileID')).toBe('urn:peppol:bis:billing');
    expect(invoice.text('ID')).toBe('M2026-000123');
    expect([invoice.text('IssueDate'), invoice.text('DueDate')]).toEqual(['2026-11-04', '2026-12-04']);
    expect([invoice.text('InvoiceTypeCode'), invoice.text('DocumentCurrencyCode')]).toEqual(['380', 'JPY']);
    expect(invoice.text('InvoicePeriod/StartDate')).toBe('2026-10-01');
  });

  it('names both parties with country, electronic address and the registration number (aligned-ibr-jp-01, -03, -04)', () => {
    const invoice = read(issuedInvoice);
    const seller = 'AccountingSupplierParty/Party';
    const buyer = 'AccountingCustomerParty/Party';
    expect(invoice.text(`${seller}/PartyTaxScheme/CompanyID`)).toMatch(/^T\d{13}$/);
    expect(invoice.text(`${seller}/PartyTaxScheme/TaxScheme/ID`)).toBe('VAT');
    for (const party of [seller, buyer]) {
      expect(invoice.text(`${party}/PartyLegalEntity/RegistrationName`)).not.toBe('');
      expect(invoice.text(`${party}/PostalAddress/Country/IdentificationCode`)).toBe('JP');
    }
    expect(invoice.one(`${seller}/EndpointID`).attribute('schemeID')).toBe('0221');
    expect(invoice.one(`${buyer}/EndpointID`).attribute('schemeID')).toBe('0188');
  });

  it(
    'adds up: lines, totals and tax, without a decimal point (ibr-co-10, -13, -15, -16, ibr-tax-08, aligned-ibr-jp-06)',
    () =>
      fc.assert(
        fc.property(anyInvoice, (document) => {
          const invoice = read(document);
          const lines = invoice.all('InvoiceLine');
          const amount = (path: string): number => Number(invoice.text(path));
          const lineSum = sumOf(lines.map((line) => Number(line.text('LineExtensionAmount'))));
          expect(amount('LegalMonetaryTotal/LineExtensionAmount')).toBe(lineSum);
          expect(amount('LegalMonetaryTotal/TaxExclusiveAmount')).toBe(lineSum);
          expect(amount('LegalMonetaryTotal/TaxInclusiveAmount')).toBe(lineSum + amount('TaxTotal/TaxAmount'));
          expect(amount('LegalMonetaryTotal/PayableAmount')).toBe(document.totalJpy);
          for (const subtotal of invoice.all('TaxTotal/TaxSubtotal')) {
            const category = (of: Element) => [of.text('ID'), of.text('Percent')].join();
            const taxed = lines.filter(
              (line) => category(line.one('Item/ClassifiedTaxCategory')) === category(subtotal.one('TaxCategory')),
            );
            expect(Number(subtotal.text('TaxableAmount'))).toBe(
              sumOf(taxed.map((line) => Number(line.text('LineExtensionAmount')))),
            );
            expect(subtotal.text('TaxAmount')).toMatch(/^-?\d+$/);
          }
        }),
        { numRuns: RUNS },
      ),
    TIME_MS,
  );

  it(
    'has lines whose quantity times price is their amount, at no negative price (ibr-21 to ibr-27)',
    () =>
      fc.assert(
        fc.property(anyInvoice, (document) => {
          for (const line of read(document).all('InvoiceLine')) {
            const price = new Decimal(line.text('Price/PriceAmount'));
            expect(price.isNegative()).toBe(false);
            expect(price.times(line.text('InvoicedQuantity')).equals(line.text('LineExtensionAmount'))).toBe(true);
            expect(line.one('InvoicedQuantity').attribute('unitCode')).toBe('C62');
          }
        }),
        { numRuns: RUNS },
      ),
    TIME_MS,
  );

  it('marks the standard rate S and the reduced one AA', () => {
    const categories = read(twoRates as IssuedInvoice).all('TaxTotal/TaxSubtotal');
    expect(categories.map((tax) => [tax.text('TaxCategory/ID'), tax.text('TaxCategory/Percent')])).toEqual([
      ['S', '10'],
      ['AA', '8'],
    ]);
  });

  it('takes back by a negative invoice that names the one before', () => {
    const invoice = read(creditNote as IssuedInvoice);
    expect(invoice.text('InvoiceTypeCode')).toBe('380');
    expect(invoice.text('BillingReference/InvoiceDocumentReference/ID')).toBe('M2026-000123');
    expect(invoice.text('LegalMonetaryTotal/PayableAmount')).toBe('-1105');
    expect(invoice.text('InvoiceLine/InvoicedQuantity')).toBe('-1');
    expect(
      [issuedInvoice, creditNote as IssuedInvoice].map((document) => read(document).all('PaymentTerms').length),
    ).toEqual([1, 0]);
  });

  it('derives the corporate number of a local government from its code', () => {
    expect(['141003', '271004', '011002', '131016'].map(corporateNumberOf)).toEqual([
      '3000020141003',
      '6000020271004',
      '9000020011002',
      '8000020131016',
    ]);
  });
});

/** An element as xmlbuilder2 reads it: a text, or its attributes (`@`), text (`#`) and children in their order. */
type Parsed = string | { readonly [name: string]: string | readonly Parsed[] };

class Element {
  constructor(private readonly parsed: Parsed) {}

  /** Names of the children, without their prefix. */
  names(): string[] {
    return this.entries().map(([name]) => name);
  }

  all(path: string): Element[] {
    const [first, ...rest] = path.split('/');
    const found = this.entries()
      .filter(([name]) => name === first)
      .flatMap(([, values]) => values.map((value) => new Element(value)));
    return rest.length === 0 ? found : found.flatMap((element) => element.all(rest.join('/')));
  }

  one(path: string): Element {
    const [element] = this.all(path);
    if (!element) throw new Error(`There is no ${path}`);
    return element;
  }

  text(path: string): string {
    const { parsed } = this.one(path);
    return typeof parsed === 'string' ? parsed : String(parsed['#']);
  }

  attribute(name: string): string {
    return typeof this.parsed === 'string' ? '' : String(this.parsed[`@${name}`]);
  }

  private entries(): [name: string, values: readonly Parsed[]][] {
    if (typeof this.parsed === 'string') return [];
    return Object.entries(this.parsed).flatMap(([name, values]) =>
      typeof values === 'string' ? [] : [[name.replace(/^.*:/, ''), values] as [string, readonly Parsed[]]],
    );
  }
}

const read = (document: IssuedInvoice): Element =>
  new Element(convert(jpPint(document), { format: 'object', verbose: true }) as unknown as Parsed).one('Invoice');
