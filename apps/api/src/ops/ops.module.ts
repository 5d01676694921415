import { Module } from '@nestjs/common';
import { ExitsModule } from '#libs/exits';
import { IdentityModule } from '#libs/identity';
import { ContentAccessModule, PoolOperationsModule } from '#libs/jobs';
import { MeteringModule } from '#libs/metering';
import { MailDeskModule, NoticesModule } from '#libs/notices';
import { TenancyModule } from '#libs/tenancy';
import { CitiesController } from './cities.controller.ts';
import { CityEndingsController } from './city-endings.controller.ts';
import { CityExitsController } from './city-exits.controller.ts';
import { CitySegmentPoliciesController } from './segment-policies.controller.ts';
import { CityOnboarding } from './city-onboarding.ts';
import { ContentAccessesController } from './content-accesses.controller.ts';
import { ContentReadingController } from './content-reading.controller.ts';
import { OwnVendorFactorsController } from './own-vendor-factors.controller.ts';
import { OwnVendorSessionsController } from './own-vendor-sessions.controller.ts';
import { VendorUsersController } from './vendor-users.controller.ts';
import { OnboardingsController } from './onboardings.controller.ts';
import { MailsController } from './mails.controller.ts';
import { MaintenanceNoticesController } from './maintenance-notices.controller.ts';
import { PoolController } from './pool.controller.ts';
import { UrgentOpeningsController } from './urgent-openings.controller.ts';
import { VendorSessionsController } from './vendor-sessions.controller.ts';

/** The vendor's operations. */
@Module({
  imports: [
    ContentAccessModule,
    ExitsModule,
    IdentityModule,
    MailDeskModule,
    MeteringModule,
    NoticesModule,
    PoolOperationsModule,
    TenancyModule,
  ],
  controllers: [
    VendorSessionsController,
    OwnVendorFactorsController,
    OwnVendorSessionsController,
    VendorUsersController,
    CitiesController,
    CityEndingsController,
    CityExitsController,
    CitySegmentPoliciesController,
    OnboardingsController,
    PoolController,
    UrgentOpeningsController,
    ContentAccessesController,
    ContentReadingController,
    MaintenanceNoticesController,
    MailsController,
  ],
  providers: [CityOnboarding],
  exports: [CityOnboarding],
})
export class OpsModule {}
