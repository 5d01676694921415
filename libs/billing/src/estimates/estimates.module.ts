import { Module } from '@nestjs/common';
import { MeteringModule } from '#libs/metering';
import { PricingModule } from '#libs/pricing';
import { BillingModule } from '../billing.module.ts';
import { BudgetEstimator } from './budget-estimator.ts';
import { CityForecaster } from './city-forecast.ts';
import { UseReader } from './use-reader.ts';

const PROVIDERS = [BudgetEstimator, CityForecaster];

/** Forecasts and next year's estimate: the api. */
@Module({
  imports: [BillingModule, MeteringModule, PricingModule],
  providers: [...PROVIDERS, UseReader],
  exports: PROVIDERS,
})
export class EstimatesModule {}
