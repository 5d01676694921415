import { Controller, Get, Header, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { AuditTrail } from '#libs/audit';
import { FinanceDatabase } from '#libs/database';
import type { VendorActor } from '#libs/identity';
import { OpenCalls } from '#libs/jobs';
import { VENDOR_TENANT_ID } from '#libs/kernel';
import { UsageReport } from '#libs/metering';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import { usageCounts, usageTotals } from '../http/usage-schemas.ts';
import { monthSchema } from '../http/wire.ts';
import { usageCsv } from './usage-csv.ts';

const monthQuery = z.strictObject({ month: monthSchema });

const financeUsage = z
  .object({
    month: monthSchema,
    items: z.array(
      z
        .object({
          cityId: z.uuid(),
          code: z.string(),
          name: z.string(),
          ...usageCounts,
          limitTokens: z.int().min(0),
        })
        .meta({ id: 'CityUsage' }),
    ),
    total: usageTotals,
    /** Interrupted calls of the month whose use is not known yet; it is in no figure above. */
    openCalls: z.int().min(0),
  })
  .meta({ id: 'FinanceUsage' });

/** Use per city and JST month, for the vendor's finance staff. */
@ApiTags('finance')
@Controller('api/finance/v1')
export class FinanceUsageController {
  constructor(
    private readonly database: FinanceDatabase,
    private readonly report: UsageReport,
    private readonly openCalls: OpenCalls,
    private readonly audit: AuditTrail,
  ) {}

  @Get('usage')
  @RequirePermission('finance-usage:read')
  @ApiOkResponse({ standardSchema: financeUsage })
  async read(
    @Query({ schema: monthQuery }) { month }: z.infer<typeof monthQuery>,
  ): Promise<z.infer<typeof financeUsage>> {
    return this.database.run(async (tx) => ({
      month,
      ...(await this.report.ofAllCities(tx, month)),
      openCalls: await this.openCalls.countIn(tx, month),
    }));
  }

  /** The same figures as a table. Taking them out is recorded. */
  @Get('usage.csv')
  @RequirePermission('finance-usage:read')
  @Header('content-type', 'text/csv; charset=utf-8')
  @ApiOkResponse({ content: { 'text/csv': { schema: { type: 'string' } } } })
  async export(
    @CurrentActor() actor: VendorActor,
    @Query({ schema: monthQuery }) { month }: z.infer<typeof monthQuery>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const { items } = await this.database.run(async (tx) => {
      const usage = await this.report.ofAllCities(tx, month);
      await tx.actOn(VENDOR_TENANT_ID);
      await this.audit.append(tx, {
        action: 'usage.exported',
        actor,
        subject: { type: 'month', id: month },
        details: { cities: usage.items.length },
      });
      return usage;
    });
    response.attachment(`moyai-usage-${month}.csv`);
    return usageCsv(month, items);
  }
}
