import { Module } from '@nestjs/common';
import { InvoiceFiles } from './invoice-files.ts';
import { InvoicePress } from './invoice-press.ts';
import { MonthInvoices } from './month-invoices.ts';

/** What invoices look like outside. Expects InvoicingModule beside it. */
@Module({ providers: [InvoicePress, InvoiceFiles, MonthInvoices], exports: [InvoiceFiles, MonthInvoices] })
export class InvoiceDocumentsModule {}
