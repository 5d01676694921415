import { Module } from '@nestjs/common';
import { ArchiveDeliveries } from '../archives/archive-deliveries.ts';
import { InvoiceArchives } from '../archives/invoice-archives.ts';
import { InvoiceFiles } from './invoice-files.ts';
import { InvoicePress } from './invoice-press.ts';
import { MonthInvoices } from './month-invoices.ts';

const DOORS = [ArchiveDeliveries, InvoiceArchives, InvoiceFiles, MonthInvoices];

/** What invoices look like outside. Expects InvoicingModule beside it. */
@Module({ providers: [InvoicePress, ...DOORS], exports: DOORS })
export class InvoiceDocumentsModule {}
