import { Controller, Get, Param, Query, Res, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { z } from 'zod';
import { AuditTrail } from '#libs/audit';
import { InvoiceBook, type InvoiceDocument, InvoiceFiles } from '#libs/billing';
import { TenantDatabase } from '#libs/database';
import type { MemberActor } from '#libs/identity';
import { CurrentActor } from '../../access/current-actor.ts';
import { TakesOut } from '../../access/network-rules.ts';
import { RequirePermission } from '../../access/permission.ts';
import {
  CSV_ANSWER,
  DOCUMENT_ANSWER,
  documentParams,
  documentQuery,
  sendFile,
  sendFocus,
} from '../../http/invoice-file.ts';
import { idParams } from '../../http/wire.ts';

/** The city's issued invoices as files. Each taking out is recorded. */
@ApiTags('invoices')
@Controller('api/v1/invoices')
export class CityInvoiceDocumentsController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly book: InvoiceBook,
    private readonly files: InvoiceFiles,
    private readonly audit: AuditTrail,
  ) {}

  @Get(':id/document.:format')
  @RequirePermission('invoice:read')
  @TakesOut('export')
  @ApiOkResponse(DOCUMENT_ANSWER)
  async document(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: documentParams }) { id, format }: z.infer<typeof documentParams>,
    @Query({ schema: documentQuery }) { table }: z.infer<typeof documentQuery>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const document = await this.takeOut(actor, id, format);
    return sendFile(response, await this.files.write(document, format, table));
  }

  /** In FOCUS 1.2. */
  @Get(':id/focus.csv')
  @RequirePermission('invoice:read')
  @TakesOut('export')
  @ApiOkResponse(CSV_ANSWER)
  async focus(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    return sendFocus(response, await this.takeOut(actor, id, 'focus'));
  }

  private takeOut(actor: MemberActor, id: string, format: string): Promise<InvoiceDocument> {
    return this.database.run(actor.scope, async (tx) => {
      const document = await this.book.document(tx, id);
      await this.audit.append(tx, {
        action: 'invoice.exported',
        actor,
        segment: tx.scope.segment,
        subject: { type: 'invoice', id },
        details: { format },
      });
      return document;
    });
  }
}
