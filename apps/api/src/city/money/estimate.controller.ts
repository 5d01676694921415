import { Controller, Get, Header, Query, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { AuditTrail } from '#libs/audit';
import { BudgetEstimator, type EstimateView } from '#libs/billing';
import { TenantDatabase } from '#libs/database';
import type { MemberActor } from '#libs/identity';
import { Clock, jstDayOf } from '#libs/kernel';
import { csvOf, workbookOf } from '#libs/spreadsheet';
import { CurrentActor } from '../../access/current-actor.ts';
import { TakesOut } from '../../access/network-rules.ts';
import { RequirePermission } from '../../access/permission.ts';
import {
  type EstimateQuery,
  budgetEstimate,
  estimateQuery,
  presentEstimate,
  trialOf,
  whatIfOf,
} from '../../http/estimate-schemas.ts';
import { estimateTable } from '../../http/estimate-tables.ts';

/** Next fiscal year's budget request from a trial period's use. */
@ApiTags('estimate')
@Controller('api/v1')
export class EstimateController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly estimator: BudgetEstimator,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  @Get('estimate')
  @RequirePermission('forecast:read')
  @ApiOkResponse({ standardSchema: budgetEstimate })
  async read(
    @CurrentActor() actor: MemberActor,
    @Query({ schema: estimateQuery }) query: EstimateQuery,
  ): Promise<z.infer<typeof budgetEstimate>> {
    return presentEstimate({ from: query.from, to: query.to }, await this.estimate(actor, query));
  }

  @Get('estimate.csv')
  @RequirePermission('forecast:read')
  @TakesOut('export')
  @Header('content-type', 'text/csv; charset=utf-8')
  @Header('content-disposition', 'attachment; filename="moyai-estimate.csv"')
  @ApiOkResponse({ content: { 'text/csv': { schema: { type: 'string' } } } })
  async csv(
    @CurrentActor() actor: MemberActor,
    @Query({ schema: estimateQuery }) query: EstimateQuery,
  ): Promise<string> {
    return csvOf(await this.takeOut(actor, query, 'csv'));
  }

  @Get('estimate.xlsx')
  @RequirePermission('forecast:read')
  @TakesOut('export')
  @ApiOkResponse({
    content: {
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': {
        schema: { type: 'string', format: 'binary' },
      },
    },
  })
  async xlsx(
    @CurrentActor() actor: MemberActor,
    @Query({ schema: estimateQuery }) query: EstimateQuery,
  ): Promise<StreamableFile> {
    return new StreamableFile(await workbookOf([await this.takeOut(actor, query, 'xlsx')]), {
      type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      disposition: 'attachment; filename="moyai-estimate.xlsx"',
    });
  }

  /** On record before the file is given. */
  private async takeOut(actor: MemberActor, query: EstimateQuery, format: 'csv' | 'xlsx') {
    const table = estimateTable(await this.estimate(actor, query));
    const { scope } = actor;
    const details = { from: query.from, to: query.to, format };
    await this.database.run(scope, (tx) =>
      this.audit.append(tx, { action: 'estimate.exported', actor, segment: scope.segment, details }),
    );
    return table;
  }

  private estimate({ scope }: MemberActor, query: EstimateQuery): Promise<EstimateView> {
    return this.estimator.forCity(scope, trialOf(query, jstDayOf(this.clock.now())), whatIfOf(query));
  }
}
