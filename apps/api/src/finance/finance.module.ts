import { Module } from '@nestjs/common';
import { JobAccountingModule } from '#libs/jobs';
import { MeteringModule } from '#libs/metering';
import { PricingModule } from '#libs/pricing';
import { FxRatesController } from './fx-rates.controller.ts';
import { PricesController } from './prices.controller.ts';
import { FinanceUsageController } from './usage.controller.ts';

/** The vendor's finance: what every city used, and what it costs. */
@Module({
  imports: [JobAccountingModule, MeteringModule, PricingModule],
  controllers: [FinanceUsageController, PricesController, FxRatesController],
})
export class FinanceModule {}
