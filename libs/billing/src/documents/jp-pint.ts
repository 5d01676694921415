import { Decimal } from 'decimal.js';
import { create } from 'xmlbuilder2';
import { jstDayOf, jstMonthRange } from '#libs/kernel';
import type { InvoiceDocument, InvoiceLine } from '../invoice-document.ts';
import { corporateNumberOf } from './corporate-number.ts';

const NAMESPACES = {
  '@xmlns': 'urn:oasis:names:specification:ubl:schema:xsd:Invoice-2',
  '@xmlns:cac': 'urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2',
  '@xmlns:cbc': 'urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2',
};
/** UNTDID 1001: commercial invoice. */
const INVOICE = '380';
/** Electronic address schemes of ISO 6523: 適格請求書発行事業者登録番号, 法人番号. */
const SCHEME = { registration: '0221', corporate: '0188' };
/** UN/ECE Recommendation 20: one. */
const ONE = 'C62';
const DAY_MS = 86_400_000;

/** An issued document: JP PINT has no drafts. */
export type IssuedInvoice = InvoiceDocument & { readonly number: string; readonly issuedOn: string };

/**
 * The digital invoice of Japan, Peppol BIS Standard Invoice JP PINT 1 (UBL 2.1). A credit note is an invoice of negative
 * amounts that names the one it corrects: JP PINT knows no other (its section 1.4, example 6).
 * @see https://docs.peppol.eu/poac/jp/pint-jp/
 */
export function jpPint(document: IssuedInvoice): string {
  const { period, corrects, contract, issuer, dueOn } = document;
  return create({ version: '1.0', encoding: 'UTF-8', invalidCharReplacement: '' })
    .ele({
      Invoice: {
        ...NAMESPACES,
        'cbc:CustomizationID': 'urn:peppol:pint:billing-1@jp-1',
        'cbc:ProfileID': 'urn:peppol:bis:billing',
        'cbc:ID': document.number,
        'cbc:IssueDate': document.issuedOn,
        ...(dueOn && { 'cbc:DueDate': dueOn }),
        'cbc:InvoiceTypeCode': INVOICE,
        'cbc:Note': contract.title,
        'cbc:DocumentCurrencyCode': 'JPY',
        'cac:InvoicePeriod': { 'cbc:StartDate': period.from, 'cbc:EndDate': period.to },
        ...(corrects && {
          'cac:BillingReference': {
            'cac:InvoiceDocumentReference': { 'cbc:ID': corrects.number, 'cbc:IssueDate': corrects.issuedOn },
          },
        }),
        'cac:ContractDocumentReference': { 'cbc:ID': contract.id },
        'cac:AccountingSupplierParty': { 'cac:Party': seller(document) },
        'cac:AccountingCustomerParty': { 'cac:Party': buyer(document) },
        // Where the city pays: what it is given back is not paid to us.
        ...(!corrects &&
          issuer.bankAccount && { 'cac:PaymentTerms': { 'cbc:Note': `お振込先 ${issuer.bankAccount}` } }),
        'cac:TaxTotal': taxTotal(document),
        'cac:LegalMonetaryTotal': {
          'cbc:LineExtensionAmount': yen(document.subtotalJpy),
          'cbc:TaxExclusiveAmount': yen(document.subtotalJpy),
          'cbc:TaxInclusiveAmount': yen(document.totalJpy),
          'cbc:PayableAmount': yen(document.totalJpy),
        },
        'cac:InvoiceLine': document.lines.map(invoiceLine),
      },
    })
    .end({ prettyPrint: true });
}

/** Yen have no minor unit: never a decimal point. */
const yen = (amount: number | string) => ({ '@currencyID': 'JPY', '#': String(amount) });

function seller({ issuer }: InvoiceDocument) {
  return {
    'cbc:EndpointID': { '@schemeID': SCHEME.registration, '#': issuer.registrationNumber },
    'cac:PartyName': { 'cbc:Name': issuer.name },
    'cac:PostalAddress': address(issuer.postalCode, issuer.address),
    'cac:PartyTaxScheme': { 'cbc:CompanyID': issuer.registrationNumber, 'cac:TaxScheme': { 'cbc:ID': 'VAT' } },
    'cac:PartyLegalEntity': { 'cbc:RegistrationName': issuer.name },
    ...(issuer.contact && { 'cac:Contact': { 'cbc:Name': issuer.contact } }),
  };
}

function buyer({ recipient }: InvoiceDocument) {
  return {
    'cbc:EndpointID': { '@schemeID': SCHEME.corporate, '#': corporateNumberOf(recipient.code) },
    'cac:PartyIdentification': { 'cbc:ID': recipient.code },
    'cac:PartyName': { 'cbc:Name': recipient.name },
    'cac:PostalAddress': address(recipient.postalCode, recipient.address),
    'cac:PartyLegalEntity': { 'cbc:RegistrationName': recipient.name },
  };
}

const address = (postalCode: string | null, street: string | null) => ({
  ...(street && { 'cbc:StreetName': street }),
  ...(postalCode && { 'cbc:PostalZone': postalCode }),
  'cac:Country': { 'cbc:IdentificationCode': 'JP' },
});

/** UNTDID 5305: S is the standard rate, AA the reduced one. */
const taxCategory = (rate: string, reduced: boolean) => ({
  'cbc:ID': reduced ? 'AA' : 'S',
  'cbc:Percent': new Decimal(rate).times(100).toFixed(),
  'cac:TaxScheme': { 'cbc:ID': 'VAT' },
});

const taxTotal = ({ taxJpy, taxes }: InvoiceDocument) => ({
  'cbc:TaxAmount': yen(taxJpy),
  'cac:TaxSubtotal': taxes.map((tax) => ({
    'cbc:TaxableAmount': yen(tax.taxableJpy),
    'cbc:TaxAmount': yen(tax.taxJpy),
    'cac:TaxCategory': taxCategory(tax.rate, tax.reduced),
  })),
});

function invoiceLine(line: InvoiceLine) {
  const { quantity, price } = exactly(line);
  return {
    'cbc:ID': String(line.position),
    ...(reckoning(line) && { 'cbc:Note': reckoning(line) }),
    'cbc:InvoicedQuantity': { '@unitCode': ONE, '#': quantity },
    'cbc:LineExtensionAmount': yen(line.amountJpy),
    ...(line.correctsMonth && { 'cac:InvoicePeriod': monthPeriod(line.correctsMonth) }),
    'cac:Item': {
      'cbc:Name': [line.description, line.model].filter(Boolean).join(' '),
      'cac:ClassifiedTaxCategory': taxCategory(line.taxRate, line.reducedRate),
    },
    'cac:Price': { 'cbc:PriceAmount': yen(price) },
  };
}

/**
 * Quantity and price whose product is the line's amount: readers check it, and a price must not be negative. An amount that
 * was rounded to whole yen is one piece at that amount; how it came about stands in the note.
 */
function exactly({ quantity, unitPriceJpy, amountJpy }: InvoiceLine): { quantity: string; price: string } {
  if (quantity !== null && unitPriceJpy !== null && !new Decimal(unitPriceJpy).isNegative())
    if (new Decimal(quantity).times(unitPriceJpy).equals(amountJpy))
      return { quantity: new Decimal(quantity).toFixed(), price: new Decimal(unitPriceJpy).toFixed() };
  return { quantity: amountJpy < 0 ? '-1' : '1', price: String(Math.abs(amountJpy)) };
}

const reckoning = ({ quantity, unit, unitPriceJpy }: InvoiceLine): string | null =>
  quantity && unitPriceJpy && `数量 ${quantity}${unit ?? ''}、単価 ${unitPriceJpy}円`;

function monthPeriod(month: string) {
  const { start, end } = jstMonthRange(month);
  return { 'cbc:StartDate': jstDayOf(start), 'cbc:EndDate': jstDayOf(new Date(end.getTime() - DAY_MS)) };
}
