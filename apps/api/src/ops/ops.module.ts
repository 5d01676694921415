import { Module } from '@nestjs/common';
import { IdentityModule } from '#libs/identity';
import { PoolOperationsModule } from '#libs/jobs';
import { MeteringModule } from '#libs/metering';
import { TenancyModule } from '#libs/tenancy';
import { CitiesController } from './cities.controller.ts';
import { CityOnboarding } from './city-onboarding.ts';
import { PoolController } from './pool.controller.ts';
import { UrgentOpeningsController } from './urgent-openings.controller.ts';
import { VendorSessionsController } from './vendor-sessions.controller.ts';

/** The vendor's operations. */
@Module({
  imports: [IdentityModule, MeteringModule, PoolOperationsModule, TenancyModule],
  controllers: [VendorSessionsController, CitiesController, PoolController, UrgentOpeningsController],
  providers: [CityOnboarding],
  exports: [CityOnboarding],
})
export class OpsModule {}
