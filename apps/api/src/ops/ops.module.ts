import { Module } from '@nestjs/common';
import { IdentityModule } from '#libs/identity';
import { MeteringModule } from '#libs/metering';
import { TenancyModule } from '#libs/tenancy';
import { CitiesController } from './cities.controller.ts';
import { CityOnboarding } from './city-onboarding.ts';
import { VendorSessionsController } from './vendor-sessions.controller.ts';

/** The vendor's operations. */
@Module({
  imports: [IdentityModule, MeteringModule, TenancyModule],
  controllers: [VendorSessionsController, CitiesController],
  providers: [CityOnboarding],
  exports: [CityOnboarding],
})
export class OpsModule {}
