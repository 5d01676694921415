import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import {
  CloseChecks,
  CloseDeliveries,
  HISTORY_GROUPS,
  MonthClose,
  PeriodBook,
  type PeriodSummary,
  UsageHistory,
} from '#libs/billing';
import { FinanceDatabase } from '#libs/database';
import type { VendorActor } from '#libs/identity';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import { instantOrNull, instantSchema, monthSchema } from '../http/wire.ts';

const periodSchema = z
  .object({
    month: monthSchema,
    state: z.enum(['open', 'closing', 'closed']),
    /** What the close is at. */
    phase: z.enum(['counting', 'drafting']).nullable(),
    /** Cities whose drafts are made, of how many. */
    done: z.int().min(0),
    total: z.int().min(0),
    closingAt: instantSchema.nullable(),
    closingBy: z.string().nullable(),
    closedAt: instantSchema.nullable(),
    /** What stopped the close; closing it again goes on from there. */
    fault: z.string().nullable(),
    invoices: z.int().min(0),
    totalJpy: z.int(),
    /** Invoices by state. */
    states: z.record(z.string(), z.int()),
  })
  .meta({ id: 'BillingPeriod' });

const periodDetail = periodSchema
  .extend({
    /** What stands between the month and its close; empty when it can be closed. */
    faults: z.array(
      z.object({
        code: z.enum([
          'month-not-over',
          'earlier-month-open',
          'work-running',
          'calls-unknown',
          'usage-unrated',
          'city-without-contract',
        ]),
        count: z.int(),
        /** Months, models or cities, the first few. */
        examples: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: 'BillingPeriodDetail' });

const monthParams = z.strictObject({ month: monthSchema });
const listQuery = z.strictObject({ months: z.coerce.number().int().min(1).max(36).default(13) });
const historyQuery = z.strictObject({
  from: monthSchema,
  to: monthSchema,
  groupBy: z.enum(HISTORY_GROUPS),
  cityId: z.uuid().optional(),
});
const history = z
  .object({
    items: z.array(
      z.object({
        month: monthSchema,
        key: z.string(),
        label: z.string(),
        calls: z.int(),
        tokens: z.int(),
        costJpy: z.int(),
      }),
    ),
  })
  .meta({ id: 'UsageHistory' });

function present(summary: PeriodSummary): z.infer<typeof periodSchema> {
  const { deliveries: _, ...period } = summary;
  return { ...period, closingAt: instantOrNull(period.closingAt), closedAt: instantOrNull(period.closedAt) };
}

/** The months of the books: which are open, closing, closed, and what the closed ones came to. */
@ApiTags('periods')
@Controller('api/finance/v1')
export class PeriodsController {
  constructor(
    private readonly database: FinanceDatabase,
    private readonly periods: PeriodBook,
    private readonly checks: CloseChecks,
    private readonly close: MonthClose,
    private readonly deliveries: CloseDeliveries,
    private readonly usage: UsageHistory,
  ) {}

  /** Newest first, this month included, back to the first contract or use, or to the first month that was closed. */
  @Get('periods')
  @RequirePermission('period:read')
  @ApiOkResponse({ standardSchema: z.object({ items: z.array(periodSchema) }).meta({ id: 'BillingPeriodList' }) })
  async list(@Query({ schema: listQuery }) { months }: z.infer<typeof listQuery>) {
    return { items: (await this.database.run((tx) => this.periods.list(tx, months))).map(present) };
  }

  /** How far it is, and what is missing before it can be closed. */
  @Get('periods/:month')
  @RequirePermission('period:read')
  @ApiOkResponse({ standardSchema: periodDetail })
  async read(
    @Param({ schema: monthParams }) { month }: z.infer<typeof monthParams>,
  ): Promise<z.infer<typeof periodDetail>> {
    return this.database.run(async (tx) => {
      const period = await this.periods.get(tx, month);
      const faults = period.state === 'open' ? await this.checks.faultsOf(tx, month) : [];
      return { ...present(period), faults: faults.map((fault) => ({ ...fault, examples: [...fault.examples] })) };
    });
  }

  /** Freezes the month and begins to count and to draft; a worker goes on with it. Asked again, it goes on after a fault. */
  @Post('periods/:month/close')
  @HttpCode(202)
  @RequirePermission('period:close')
  @ApiAcceptedResponse({ standardSchema: periodSchema })
  async begin(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: monthParams }) { month }: z.infer<typeof monthParams>,
  ): Promise<z.infer<typeof periodSchema>> {
    const period = await this.database.run(async (tx) => {
      await this.close.begin(tx, actor, month);
      return this.periods.get(tx, month);
    });
    await this.deliveries.deliver(month, period.deliveries);
    return present(period);
  }

  /** Use and its cost at list price over closed months, by city, model or department: the ten largest. */
  @Get('usage-history')
  @RequirePermission('period:read')
  @ApiOkResponse({ standardSchema: history })
  async course(@Query({ schema: historyQuery }) query: z.infer<typeof historyQuery>): Promise<z.infer<typeof history>> {
    return { items: await this.database.run((tx) => this.usage.read(tx, query)) };
  }
}
