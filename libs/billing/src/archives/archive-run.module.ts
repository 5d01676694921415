import { Module } from '@nestjs/common';
import { InvoiceFiles } from '../documents/invoice-files.ts';
import { InvoicePress } from '../documents/invoice-press.ts';
import { ArchiveDeliveries } from './archive-deliveries.ts';
import { ArchiveRunner } from './archive-runner.ts';

const DOORS = [ArchiveDeliveries, ArchiveRunner];

/** Where archives of invoices are printed: the worker. */
@Module({ providers: [InvoicePress, InvoiceFiles, ...DOORS], exports: DOORS })
export class ArchiveRunModule {}
