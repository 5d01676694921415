import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { AuditTrail } from '#libs/audit';
import { type CityForecast, CityForecaster } from '#libs/billing';
import { TenantDatabase } from '#libs/database';
import type { MemberActor } from '#libs/identity';
import { csvOf } from '#libs/spreadsheet';
import { CurrentActor } from '../../access/current-actor.ts';
import { TakesOut } from '../../access/network-rules.ts';
import { RequirePermission } from '../../access/permission.ts';
import { forecastTable } from '../../http/estimate-tables.ts';
import { daySchema, monthSchema } from '../../http/wire.ts';

const band = z.object({ p10: z.number(), p50: z.number(), p90: z.number() });

const cityForecast = z
  .object({
    basis: z.object({ from: daySchema.nullable(), to: daySchema, businessDays: z.int(), isThin: z.boolean() }),
    /** This month, adding up day by day; `actual` is null for today and the days to come. */
    days: z.array(z.object({ day: daySchema, actual: z.number().nullable(), band })),
    months: z.array(
      z
        .object({
          month: monthSchema,
          isOver: z.boolean(),
          band,
          limitTokens: z.number().nullable(),
          /** Tax included, whole yen. */
          feeJpy: band.nullable(),
        })
        .meta({ id: 'ForecastMonth' }),
    ),
    year: band,
    yearFeeJpy: band.nullable(),
    noFee: z.enum(['no-contract', 'unpriced-model']).nullable(),
    exhaustedOn: daySchema.nullable(),
  })
  .meta({ id: 'CityForecast' });

/** Where use and fee of this month and fiscal year will come to. */
@ApiTags('forecast')
@Controller('api/v1')
export class ForecastController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly forecaster: CityForecaster,
    private readonly audit: AuditTrail,
  ) {}

  @Get('forecast')
  @RequirePermission('forecast:read')
  @ApiOkResponse({ standardSchema: cityForecast })
  async read(@CurrentActor() { scope }: MemberActor): Promise<z.infer<typeof cityForecast>> {
    return present(await this.forecaster.forecast(scope));
  }

  /** The months as a table. */
  @Get('forecast.csv')
  @RequirePermission('forecast:read')
  @TakesOut('export')
  @Header('content-type', 'text/csv; charset=utf-8')
  @Header('content-disposition', 'attachment; filename="moyai-forecast.csv"')
  @ApiOkResponse({ content: { 'text/csv': { schema: { type: 'string' } } } })
  async export(@CurrentActor() actor: MemberActor): Promise<string> {
    const { scope } = actor;
    const table = forecastTable(await this.forecaster.forecast(scope));
    // On record before the file is given.
    await this.database.run(scope, (tx) =>
      this.audit.append(tx, { action: 'forecast.exported', actor, segment: scope.segment, details: { format: 'csv' } }),
    );
    return csvOf(table);
  }
}

const present = (forecast: CityForecast): z.infer<typeof cityForecast> => ({
  ...forecast,
  days: [...forecast.days],
  months: [...forecast.months],
});
