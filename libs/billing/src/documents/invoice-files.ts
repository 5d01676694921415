import { Injectable } from '@nestjs/common';
import { DomainError } from '#libs/kernel';
import { csvOf, workbookOf } from '#libs/spreadsheet';
import type { InvoiceDocument } from '../invoice-document.ts';
import { canonicalText } from '../invoices/canonical.ts';
import { invoiceName } from './invoice-name.ts';
import { InvoicePress } from './invoice-press.ts';
import { type InvoiceTableName, invoiceSheets, invoiceTable } from './invoice-tables.ts';
import { type IssuedInvoice, jpPint } from './jp-pint.ts';

export const INVOICE_FORMATS = ['pdf', 'csv', 'xlsx', 'json', 'xml'] as const;
export type InvoiceFormat = (typeof INVOICE_FORMATS)[number];

/** Media types of the files, by the end of their names. */
export const INVOICE_MEDIA_TYPES: Readonly<Record<InvoiceFormat, string>> = {
  pdf: 'application/pdf',
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  json: 'application/json; charset=utf-8',
  xml: 'application/xml; charset=utf-8',
};

export interface InvoiceFile {
  readonly name: string;
  readonly type: string;
  readonly body: Uint8Array;
}

const TABLE_NOUNS: Record<InvoiceTableName, string> = { lines: '明細', allocations: '配賦表', usage: '利用明細' };

/** An invoice as it leaves: the same document gives the same bytes in every format. */
@Injectable()
export class InvoiceFiles {
  constructor(private readonly press: InvoicePress) {}

  /**
   * @param table which of the invoice's tables, for CSV
   * @throws DomainError BILLING.INVOICE_NOT_ISSUED for a digital invoice (XML) of a draft; SYSTEM.UNAVAILABLE
   */
  async write(document: InvoiceDocument, format: InvoiceFormat, table: InvoiceTableName): Promise<InvoiceFile> {
    const name = [invoiceName(document), ...(format === 'csv' ? [TABLE_NOUNS[table]] : [])].join('_');
    const body = await this.bytesOf(document, format, table);
    return { name: `${name}.${format}`, type: INVOICE_MEDIA_TYPES[format], body };
  }

  private async bytesOf(
    document: InvoiceDocument,
    format: InvoiceFormat,
    table: InvoiceTableName,
  ): Promise<Uint8Array> {
    switch (format) {
      case 'pdf':
        return this.press.print(document);
      case 'xlsx':
        return workbookOf(invoiceSheets(document));
      case 'csv':
        return Buffer.from(csvOf(invoiceTable(document, table)));
      case 'json':
        return Buffer.from(canonicalText(document));
      case 'xml':
        return Buffer.from(jpPint(issued(document)));
    }
  }
}

function issued(document: InvoiceDocument): IssuedInvoice {
  const { number, issuedOn } = document;
  if (number === null || issuedOn === null) throw new DomainError('BILLING.INVOICE_NOT_ISSUED');
  return { ...document, number, issuedOn };
}
