import { Controller, Get, Header, Query, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { BudgetEstimator, type EstimateView } from '#libs/billing';
import type { MemberActor } from '#libs/identity';
import { Clock, jstDayOf } from '#libs/kernel';
import { csvOf, workbookOf } from '#libs/spreadsheet';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import {
  type EstimateQuery,
  budgetEstimate,
  estimateQuery,
  presentEstimate,
  trialOf,
  whatIfOf,
} from '../http/estimate-schemas.ts';
import { estimateTable } from '../http/estimate-tables.ts';

/** Next fiscal year's budget request from a trial period's use. */
@ApiTags('estimate')
@Controller('api/v1')
export class EstimateController {
  constructor(
    private readonly estimator: BudgetEstimator,
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
  @Header('content-type', 'text/csv; charset=utf-8')
  @Header('content-disposition', 'attachment; filename="moyai-estimate.csv"')
  @ApiOkResponse({ content: { 'text/csv': { schema: { type: 'string' } } } })
  async csv(
    @CurrentActor() actor: MemberActor,
    @Query({ schema: estimateQuery }) query: EstimateQuery,
  ): Promise<string> {
    return csvOf(estimateTable(await this.estimate(actor, query)));
  }

  @Get('estimate.xlsx')
  @RequirePermission('forecast:read')
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
    return new StreamableFile(await workbookOf([estimateTable(await this.estimate(actor, query))]), {
      type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      disposition: 'attachment; filename="moyai-estimate.xlsx"',
    });
  }

  private estimate({ scope }: MemberActor, query: EstimateQuery): Promise<EstimateView> {
    return this.estimator.forCity(scope, trialOf(query, jstDayOf(this.clock.now())), whatIfOf(query));
  }
}
