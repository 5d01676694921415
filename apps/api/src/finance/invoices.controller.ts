import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { InvoiceBook, InvoiceCalls, type InvoiceSummary, differenceOf } from '#libs/billing';
import { FinanceDatabase, type Transaction } from '#libs/database';
import { RequirePermission } from '../access/permission.ts';
import { callPage, callsQuery, presentCall } from '../http/billed-calls.ts';
import {
  invoiceContents,
  invoiceState,
  invoiceSummary,
  presentContents,
  presentInvoice,
  readPlace,
  writePlace,
} from '../http/invoice-schemas.ts';
import {
  idParams,
  instant,
  instantSchema,
  monthSchema,
  pageFrom,
  pageOf,
  pageQuery,
  readIdCursor,
} from '../http/wire.ts';

const listQuery = pageQuery.extend({
  month: monthSchema.optional(),
  state: invoiceState.optional(),
  cityId: z.uuid().optional(),
});

const invoicePage = pageOf('InvoicePage', invoiceSummary);

const invoiceDetail = invoiceSummary
  .extend({
    contents: invoiceContents,
    /** SHA-256 of the canonical JSON, in hex; null until issued. */
    sha256: z.string().nullable(),
    events: z.array(
      z.object({ step: z.string(), at: instantSchema, by: z.string().nullable(), reason: z.string().nullable() }),
    ),
  })
  .meta({ id: 'InvoiceDetail' });

const pair = z.object({ key: z.string(), label: z.string(), before: z.int(), now: z.int() });
const invoiceDifference = z
  .object({
    /** The invoice it is compared with; null when there is none. */
    before: invoiceSummary.nullable(),
    /** Yen before tax by kind of line, yen with tax by department, tokens by model. */
    lines: z.array(pair),
    departments: z.array(pair),
    tokens: z.array(pair),
  })
  .meta({ id: 'InvoiceDifference' });

/** Invoices and credit notes of all cities, from the draft on. */
@ApiTags('invoices')
@Controller('api/finance/v1/invoices')
export class FinanceInvoicesController {
  constructor(
    private readonly database: FinanceDatabase,
    private readonly book: InvoiceBook,
    private readonly calls: InvoiceCalls,
  ) {}

  /** Newest month first, then by municipality code. */
  @Get()
  @RequirePermission('invoice:read')
  @ApiOkResponse({ standardSchema: invoicePage })
  async list(
    @Query({ schema: listQuery }) { cursor, limit, ...filter }: z.infer<typeof listQuery>,
  ): Promise<z.infer<typeof invoicePage>> {
    const after = readPlace(cursor);
    const rows = await this.database.run((tx) => this.book.list(tx, filter, { after, limit: limit + 1 }));
    return pageFrom(rows, limit, { after: writePlace, present: presentInvoice });
  }

  /** With its contents and every step that was taken. */
  @Get(':id')
  @RequirePermission('invoice:read')
  @ApiOkResponse({ standardSchema: invoiceDetail })
  async read(@Param({ schema: idParams }) { id }: z.infer<typeof idParams>): Promise<z.infer<typeof invoiceDetail>> {
    return this.database.run(async (tx) => {
      const invoice = await this.book.get(tx, id);
      const { text, sha256 } = await this.book.kept(tx, id);
      const events = await this.book.events(tx, invoice);
      return {
        ...presentInvoice(invoice),
        contents: presentContents(JSON.parse(text)),
        sha256: sha256?.toString('hex') ?? null,
        events: events.map((event) => ({ ...event, at: instant(event.at) })),
      };
    });
  }

  /** Beside the city's invoice of the month before. */
  @Get(':id/difference')
  @RequirePermission('invoice:read')
  @ApiOkResponse({ standardSchema: invoiceDifference })
  async difference(
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof invoiceDifference>> {
    return this.database.run(async (tx) => {
      const invoice = await this.book.get(tx, id);
      const before = await this.book.before(tx, invoice);
      const pairs = differenceOf(before && (await this.contents(tx, before)), await this.contents(tx, invoice));
      return {
        before: before && presentInvoice(before),
        lines: [...pairs.lines],
        departments: [...pairs.departments],
        tokens: [...pairs.tokens],
      };
    });
  }

  /** The calls its usage was summed from, oldest first: facts without content. */
  @Get(':id/calls')
  @RequirePermission('invoice:read')
  @ApiOkResponse({ standardSchema: callPage })
  async listCalls(
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Query({ schema: callsQuery }) { cursor, limit, ...filter }: z.infer<typeof callsQuery>,
  ): Promise<z.infer<typeof callPage>> {
    const after = readIdCursor(cursor);
    const rows = await this.database.run(async (tx) =>
      this.calls.list(tx, await this.book.get(tx, id), filter, { after, limit: limit + 1 }),
    );
    return pageFrom(rows, limit, { after: (call) => call.id, present: presentCall });
  }

  private async contents(tx: Transaction, { id }: InvoiceSummary) {
    return JSON.parse((await this.book.kept(tx, id)).text);
  }
}
