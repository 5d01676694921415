import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CostReportWaivers, Reconciliation, ReconciliationReport, likelyKindOf } from '#libs/billing';
import { FinanceDatabase } from '#libs/database';
import type { VendorActor } from '#libs/identity';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import { monthSchema } from '../http/wire.ts';
import { explanation, presentState, presentVariance, reconciliation } from './reconciliation-schemas.ts';

const monthParams = z.strictObject({ month: monthSchema });
type MonthParams = z.infer<typeof monthParams>;

const waiverRequest = z.strictObject({ reason: explanation }).meta({ id: 'RequestCostReportWaiver' });

/** What the provider charged for a month against what our prices say. */
@ApiTags('reconciliation')
@Controller('api/finance/v1/reconciliations')
export class ReconciliationsController {
  constructor(
    private readonly database: FinanceDatabase,
    private readonly state: Reconciliation,
    private readonly reports: ReconciliationReport,
    private readonly waivers: CostReportWaivers,
  ) {}

  /** By model and region with their deployments, by UTC day, and what of the bill nobody has mapped. */
  @Get(':month')
  @RequirePermission('reconciliation:read')
  @ApiOkResponse({ standardSchema: reconciliation })
  async read(@Param({ schema: monthParams }) { month }: MonthParams): Promise<z.infer<typeof reconciliation>> {
    return this.database.run(async (tx) => ({
      ...presentState(await this.state.state(tx, month)),
      variances: (await this.reports.variances(tx, month)).map(presentVariance),
      days: await this.reports.days(tx, month),
      unmapped: (await this.reports.unmapped(tx, month)).map((usage) => ({
        ...usage,
        likelyKind: likelyKindOf(usage.usageType),
      })),
    }));
  }

  /** Proposes to issue the month's invoices without the provider's report. Another person approves. */
  @Put(':month/waiver')
  @HttpCode(204)
  @RequirePermission('reconciliation:write')
  @ApiNoContentResponse()
  proposeWaiver(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: monthParams }) { month }: MonthParams,
    @Body({ schema: waiverRequest }) { reason }: z.infer<typeof waiverRequest>,
  ): Promise<void> {
    return this.waivers.propose(actor, month, reason);
  }

  @Post(':month/waiver/approve')
  @HttpCode(204)
  @RequirePermission('reconciliation:approve')
  @ApiNoContentResponse()
  approveWaiver(@CurrentActor() actor: VendorActor, @Param({ schema: monthParams }) { month }: MonthParams) {
    return this.waivers.approve(actor, month);
  }

  /** Takes a proposal back that nobody has approved. */
  @Delete(':month/waiver')
  @HttpCode(204)
  @RequirePermission('reconciliation:write')
  @ApiNoContentResponse()
  withdrawWaiver(@CurrentActor() actor: VendorActor, @Param({ schema: monthParams }) { month }: MonthParams) {
    return this.waivers.withdraw(actor, month);
  }
}
