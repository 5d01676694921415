import { Readable } from 'node:stream';
import { Controller, Delete, Get, HttpCode, Param, Put, Res, type StreamableFile } from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { ArchiveDeliveries, type InvoiceArchive, InvoiceArchives, archiveOf } from '#libs/billing';
import { FinanceDatabase } from '#libs/database';
import type { ServiceKeyActor, VendorActor } from '#libs/identity';
import { jstDayOf, jstMonthRange } from '#libs/kernel';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import { ZIP_ANSWER, sendStream } from '../http/invoice-file.ts';
import { instant, instantOrNull, instantSchema, monthSchema } from '../http/wire.ts';

const monthParams = z.strictObject({ month: monthSchema });
type Month = z.infer<typeof monthParams>;
/** A person of the vendor, or its accounting system. */
type FinanceActor = VendorActor | ServiceKeyActor;

const invoiceArchive = z
  .object({
    month: monthSchema,
    state: z.enum(['running', 'ready', 'failed']),
    /** Invoices that are printed, of how many. */
    done: z.int().min(0),
    total: z.int().min(0),
    requestedAt: instantSchema,
    finishedAt: instantSchema.nullable(),
    /** It is erased then. */
    expiresAt: instantSchema,
    /** What stopped it. */
    fault: z.string().nullable(),
  })
  .meta({ id: 'InvoiceArchive' });

const foundArchive = z.object({ archive: invoiceArchive.nullable() }).meta({ id: 'FoundInvoiceArchive' });

const present = (archive: InvoiceArchive): z.infer<typeof invoiceArchive> => ({
  month: archive.month,
  state: archive.state,
  done: archive.done,
  total: archive.total,
  requestedAt: instant(archive.requestedAt),
  finishedAt: instantOrNull(archive.finishedAt),
  expiresAt: instant(archive.expiresAt),
  fault: archive.fault,
});

/** The PDF of everything issued for a month in one file: a worker prints it, and it is kept for a day. */
@ApiTags('invoices')
@Controller('api/finance/v1/periods/:month')
export class InvoiceArchivesController {
  constructor(
    private readonly database: FinanceDatabase,
    private readonly archives: InvoiceArchives,
    private readonly deliveries: ArchiveDeliveries,
  ) {}

  /** Asked again while it is being printed it is the same one, afterwards a new one in its place. */
  @Put('archive')
  @HttpCode(202)
  @RequirePermission('invoice:read')
  @ApiAcceptedResponse({ standardSchema: invoiceArchive })
  async begin(
    @CurrentActor() actor: FinanceActor,
    @Param({ schema: monthParams }) { month }: Month,
  ): Promise<z.infer<typeof invoiceArchive>> {
    const archive = await this.database.run((tx) => this.archives.begin(tx, actor, month));
    await this.deliveries.deliver({ archiveId: archive.id, delivery: archive.deliveries });
    return present(archive);
  }

  /** How far it is; null when nobody asked for one within a day. */
  @Get('archive')
  @RequirePermission('invoice:read')
  @ApiOkResponse({ standardSchema: foundArchive })
  async read(@Param({ schema: monthParams }) { month }: Month): Promise<z.infer<typeof foundArchive>> {
    const archive = await this.database.run((tx) => this.archives.find(tx, month));
    return { archive: archive && present(archive) };
  }

  /** Stops the printing, or throws away what was printed. */
  @Delete('archive')
  @HttpCode(204)
  @RequirePermission('invoice:read')
  @ApiNoContentResponse()
  discard(@CurrentActor() actor: FinanceActor, @Param({ schema: monthParams }) { month }: Month): Promise<void> {
    return this.database.run((tx) => this.archives.discard(tx, actor, month));
  }

  @Get('documents.zip')
  @RequirePermission('invoice:read')
  @ApiOkResponse(ZIP_ANSWER)
  async takeOut(
    @CurrentActor() actor: FinanceActor,
    @Param({ schema: monthParams }) { month }: Month,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const archive = await this.database.run((tx) => this.archives.takeOut(tx, actor, month));
    const zip = archiveOf(this.archives.files(this.database, archive), jstDayOf(jstMonthRange(month).end));
    return sendStream(response, `請求書_${month}.zip`, 'application/zip', Readable.from(zip));
  }
}
