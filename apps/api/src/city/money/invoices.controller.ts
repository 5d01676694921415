import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CityInvoices, InvoiceBook, InvoiceCalls } from '#libs/billing';
import { TenantDatabase } from '#libs/database';
import type { MemberActor } from '#libs/identity';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission } from '../../access/permission.ts';
import { callPage, callsQuery, presentCall } from '../../http/billed-calls.ts';
import {
  invoiceContents,
  invoiceSummary,
  presentContents,
  presentInvoice,
  readPlace,
  writePlace,
} from '../../http/invoice-schemas.ts';
import { idParams, pageFrom, pageOf, pageQuery, readIdCursor } from '../../http/wire.ts';

const invoicePage = pageOf('CityInvoicePage', invoiceSummary);

const issuedInvoice = invoiceSummary
  .extend({
    contents: invoiceContents,
    issuer: z.object({
      name: z.string(),
      registrationNumber: z.string(),
      postalCode: z.string(),
      address: z.string(),
      contact: z.string().nullable(),
      bankAccount: z.string().nullable(),
    }),
    /** SHA-256 of the canonical JSON it was issued with, in hex. */
    sha256: z.string(),
  })
  .meta({ id: 'IssuedInvoice' });

const disputeBody = z.strictObject({ reason: z.string().trim().min(1).max(500) }).meta({ id: 'InvoiceDispute' });

/** The city's own invoices, as they were issued to it. */
@ApiTags('invoices')
@Controller('api/v1/invoices')
export class CityInvoicesController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly book: InvoiceBook,
    private readonly desk: CityInvoices,
    private readonly calls: InvoiceCalls,
  ) {}

  /** Newest month first. */
  @Get()
  @RequirePermission('invoice:read')
  @ApiOkResponse({ standardSchema: invoicePage })
  async list(
    @CurrentActor() { scope }: MemberActor,
    @Query({ schema: pageQuery }) { cursor, limit }: z.infer<typeof pageQuery>,
  ): Promise<z.infer<typeof invoicePage>> {
    const after = readPlace(cursor);
    const rows = await this.database.run(scope, (tx) => this.book.list(tx, {}, { after, limit: limit + 1 }));
    return pageFrom(rows, limit, { after: writePlace, present: presentInvoice });
  }

  @Get(':id')
  @RequirePermission('invoice:read')
  @ApiOkResponse({ standardSchema: issuedInvoice })
  async read(
    @CurrentActor() { scope }: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof issuedInvoice>> {
    return this.database.run(scope, async (tx) => {
      const invoice = await this.book.get(tx, id);
      const document = await this.book.document(tx, id);
      const { sha256 } = await this.book.kept(tx, id);
      return {
        ...presentInvoice(invoice),
        contents: presentContents(document),
        issuer: document.issuer,
        sha256: sha256?.toString('hex') ?? '',
      };
    });
  }

  /** The calls its usage was summed from, oldest first: what an audit asks for. Facts without content. */
  @Get(':id/calls')
  @RequirePermission('invoice:read')
  @ApiOkResponse({ standardSchema: callPage })
  async listCalls(
    @CurrentActor() { scope }: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Query({ schema: callsQuery }) { cursor, limit, ...filter }: z.infer<typeof callsQuery>,
  ): Promise<z.infer<typeof callPage>> {
    const after = readIdCursor(cursor);
    const rows = await this.database.run(scope, async (tx) =>
      this.calls.list(tx, await this.book.get(tx, id), filter, { after, limit: limit + 1 }),
    );
    return pageFrom(rows, limit, { after: (call) => call.id, present: presentCall });
  }

  /** 検収: the city has looked at it and will pay. */
  @Post(':id/accept')
  @HttpCode(200)
  @RequirePermission('invoice:accept')
  @ApiOkResponse({ standardSchema: invoiceSummary })
  async accept(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof invoiceSummary>> {
    return presentInvoice(await this.database.run(actor.scope, (tx) => this.desk.accept(tx, actor, id)));
  }

  /** The city does not agree; the vendor answers with a credit note or in words, and the city accepts it then. */
  @Post(':id/dispute')
  @HttpCode(200)
  @RequirePermission('invoice:accept')
  @ApiOkResponse({ standardSchema: invoiceSummary })
  async dispute(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: disputeBody }) { reason }: z.infer<typeof disputeBody>,
  ): Promise<z.infer<typeof invoiceSummary>> {
    return presentInvoice(await this.database.run(actor.scope, (tx) => this.desk.dispute(tx, actor, id, reason)));
  }
}
