import { Controller, Get, Headers, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiCreatedResponse, ApiHeader, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { CostReportImporter, ReconciliationReport } from '#libs/billing';
import { FinanceDatabase } from '#libs/database';
import type { VendorActor } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import { FileStream, fileName } from '../http/file-body.ts';
import { readInput } from '../http/request-input.ts';
import { idParams, monthSchema, pageFrom, pageOf, pageQuery, readIdCursor } from '../http/wire.ts';
import { costReport, presentReport } from './reconciliation-schemas.ts';

const uploadQuery = z.strictObject({ month: monthSchema });
const costReportPage = pageOf('CostReportPage', costReport);
type CostReport = z.infer<typeof costReport>;

/** The provider's own bill, as files. */
@ApiTags('reconciliation')
@Controller('api/finance/v1/cost-reports')
export class CostReportsController {
  constructor(
    private readonly database: FinanceDatabase,
    private readonly importer: CostReportImporter,
    private readonly reports: ReconciliationReport,
  ) {}

  /**
   * Imports the bill of a UTC month: a CUR 2.0 CSV (gzip or not) or a Cost Explorer CSV, sent as it is, up to 256 MB. It
   * takes the place of the month's report and is compared at once. Nothing of a file that is refused is kept; the fault
   * names line and column.
   */
  @Post()
  @RequirePermission('reconciliation:write')
  @ApiConsumes('text/csv', 'application/gzip', 'application/octet-stream')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiHeader({ name: 'X-File-Name', required: false, description: 'Percent-encoded UTF-8.' })
  @ApiCreatedResponse({ standardSchema: costReport })
  async create(
    @CurrentActor() actor: VendorActor,
    @Query({ schema: uploadQuery }) { month }: z.infer<typeof uploadQuery>,
    @FileStream() file: AsyncIterable<Uint8Array>,
    @Headers('x-file-name') name: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<CostReport> {
    const id = await this.importer.import(actor, { month, file, fileName: await readInput(fileName, name) });
    response.location(`/api/finance/v1/cost-reports/${id}`);
    return this.find(id);
  }

  /** The latest first, replaced ones too. */
  @Get()
  @RequirePermission('reconciliation:read')
  @ApiOkResponse({ standardSchema: costReportPage })
  async list(
    @Query({ schema: pageQuery }) { cursor, limit }: z.infer<typeof pageQuery>,
  ): Promise<z.infer<typeof costReportPage>> {
    const before = readIdCursor(cursor);
    const rows = await this.database.run((tx) => this.reports.list(tx, { before, limit: limit + 1 }));
    return pageFrom(rows, limit, { after: ({ id }) => id, present: presentReport });
  }

  @Get(':id')
  @RequirePermission('reconciliation:read')
  @ApiOkResponse({ standardSchema: costReport })
  read(@Param({ schema: idParams }) { id }: z.infer<typeof idParams>): Promise<CostReport> {
    return this.find(id);
  }

  private async find(id: string): Promise<CostReport> {
    const report = await this.database.run((tx) => this.reports.byId(tx, id));
    if (!report) throw new DomainError('REQUEST.NOT_FOUND');
    return presentReport(report);
  }
}
