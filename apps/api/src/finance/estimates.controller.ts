import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { BudgetEstimator } from '#libs/billing';
import { Clock, jstDayOf, tenantId } from '#libs/kernel';
import { RequirePermission } from '../access/permission.ts';
import {
  type EstimateQuery,
  budgetEstimate,
  estimateQuery,
  presentEstimate,
  trialOf,
  whatIfOf,
} from '../http/estimate-schemas.ts';

const cityParams = z.strictObject({ cityId: z.uuid() });

/** A city's budget request for next fiscal year, as the city sees it but for who used what. */
@ApiTags('finance')
@Controller('api/finance/v1/cities/:cityId/estimate')
export class FinanceEstimatesController {
  constructor(
    private readonly estimator: BudgetEstimator,
    private readonly clock: Clock,
  ) {}

  @Get()
  @RequirePermission('finance-usage:read')
  @ApiOkResponse({ standardSchema: budgetEstimate })
  async read(
    @Param({ schema: cityParams }) { cityId }: z.infer<typeof cityParams>,
    @Query({ schema: estimateQuery }) query: EstimateQuery,
  ): Promise<z.infer<typeof budgetEstimate>> {
    const trial = trialOf(query, jstDayOf(this.clock.now()));
    return presentEstimate(trial, await this.estimator.forVendor(tenantId(cityId), trial, whatIfOf(query)));
  }
}
