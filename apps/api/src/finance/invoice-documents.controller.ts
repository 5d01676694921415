import { Controller, Get, Param, Query, Res, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { AuditTrail } from '#libs/audit';
import { InvoiceBook, type InvoiceDocument, InvoiceFiles, MonthInvoices, focusTable } from '#libs/billing';
import { type CrossTenantTransaction, FinanceDatabase } from '#libs/database';
import type { ServiceKeyActor, VendorActor } from '#libs/identity';
import { VENDOR_TENANT_ID } from '#libs/kernel';
import { csvStream } from '#libs/spreadsheet';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import {
  CSV,
  CSV_ANSWER,
  DOCUMENT_ANSWER,
  documentParams,
  documentQuery,
  sendFile,
  sendFocus,
  sendStream,
} from '../http/invoice-file.ts';
import { idParams, monthSchema } from '../http/wire.ts';

const monthParams = z.strictObject({ month: monthSchema });
type Month = z.infer<typeof monthParams>;
/** A person of the vendor, or its accounting system. */
type FinanceActor = VendorActor | ServiceKeyActor;

/** Invoices as files, and a month as one table. Each taking out is recorded. */
@ApiTags('invoices')
@Controller('api/finance/v1')
export class FinanceInvoiceDocumentsController {
  constructor(
    private readonly database: FinanceDatabase,
    private readonly book: InvoiceBook,
    private readonly files: InvoiceFiles,
    private readonly months: MonthInvoices,
    private readonly audit: AuditTrail,
  ) {}

  /** A draft too, marked as one; the digital invoice (XML) of issued ones only. */
  @Get('invoices/:id/document.:format')
  @RequirePermission('invoice:read')
  @ApiOkResponse(DOCUMENT_ANSWER)
  async document(
    @CurrentActor() actor: FinanceActor,
    @Param({ schema: documentParams }) { id, format }: z.infer<typeof documentParams>,
    @Query({ schema: documentQuery }) { table }: z.infer<typeof documentQuery>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const document = await this.takeOut(actor, id, format);
    return sendFile(response, await this.files.write(document, format, table));
  }

  /** In FOCUS 1.2. */
  @Get('invoices/:id/focus.csv')
  @RequirePermission('invoice:read')
  @ApiOkResponse(CSV_ANSWER)
  async focus(
    @CurrentActor() actor: FinanceActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    return sendFocus(response, await this.takeOut(actor, id, 'focus'));
  }

  /** What was issued to all cities for a month, in FOCUS 1.2. */
  @Get('periods/:month/focus.csv')
  @RequirePermission('invoice:read')
  @ApiOkResponse(CSV_ANSWER)
  async focusOfMonth(
    @CurrentActor() actor: FinanceActor,
    @Param({ schema: monthParams }) { month }: Month,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    await this.database.run((tx) => this.record(tx, actor, { type: 'month', id: month }, 'focus'));
    const rows = focusTable(this.months.issued(this.database, month));
    return sendStream(response, `focus-${month}.csv`, CSV, csvStream(rows, { bom: false }));
  }

  private takeOut(actor: FinanceActor, id: string, format: string): Promise<InvoiceDocument> {
    return this.database.run(async (tx) => {
      const document = await this.book.document(tx, id);
      await this.record(tx, actor, { type: 'invoice', id }, format);
      return document;
    });
  }

  private async record(
    tx: CrossTenantTransaction,
    actor: FinanceActor,
    subject: { type: 'invoice' | 'month'; id: string },
    format: string,
  ): Promise<void> {
    await tx.actOn(VENDOR_TENANT_ID);
    await this.audit.append(tx, { action: 'invoice.exported', actor, subject, details: { format } });
  }
}
