import { Module } from '@nestjs/common';
import { BillingModule, EstimatesModule, InvoiceDocumentsModule } from '#libs/billing';
import { ExitsModule } from '#libs/exits';
import { IdentityModule } from '#libs/identity';
import { ContentAccessModule, OwnerlessModule, PoolOperationsModule, RetentionModule } from '#libs/jobs';
import { MeteringModule, TopUpModule } from '#libs/metering';
import { MailDeskModule, NoticesModule } from '#libs/notices';
import { PricingModule } from '#libs/pricing';
import { RosterModule } from '#libs/roster';
import { TenancyModule } from '#libs/tenancy';
import { AllotmentsController } from './allotments.controller.ts';
import { ApiKeysController } from './api-keys.controller.ts';
import { AuditController } from './audit.controller.ts';
import { BudgetItemsController } from './budget-items.controller.ts';
import { BudgetNoticesController } from './budget-notices.controller.ts';
import { BudgetsController } from './budgets.controller.ts';
import { CityContentAccessesController } from './content-accesses.controller.ts';
import { CityNotices } from './city-notices.ts';
import { NoticesController } from './notices.controller.ts';
import { OwnContractController } from './contract.controller.ts';
import { DataExportsController } from './data-exports.controller.ts';
import { DepartmentsController } from './departments.controller.ts';
import { EstimateController } from './estimate.controller.ts';
import { FirstStepsController } from './first-steps.controller.ts';
import { OwnExitController } from './exit.controller.ts';
import { ForecastController } from './forecast.controller.ts';
import { CityInvoiceDocumentsController } from './invoice-documents.controller.ts';
import { CityInvoicesController } from './invoices.controller.ts';
import { HandoversController } from './handovers.controller.ts';
import { ManagedDepartments } from './managed-departments.ts';
import { InvitationsController } from './invitations.controller.ts';
import { MeController } from './me.controller.ts';
import { MembersController } from './members.controller.ts';
import { OwnFactorsController } from './own-factors.controller.ts';
import { OwnMailController } from './own-mail.controller.ts';
import { OwnerlessContentController } from './ownerless-content.controller.ts';
import { OwnSessionsController } from './own-sessions.controller.ts';
import { PriceListController } from './price-list.controller.ts';
import { ProvisioningController } from './provisioning.controller.ts';
import { PurposesController } from './purposes.controller.ts';
import { QuietMembersController } from './quiet-members.controller.ts';
import { RosterCalendarController } from './roster-calendar.controller.ts';
import { RosterFilesController } from './roster-files.controller.ts';
import { RosterImportsController } from './roster-imports.controller.ts';
import { RosterInvitationsController } from './roster-invitations.controller.ts';
import { RosterLeavingController } from './roster-leaving.controller.ts';
import { SegmentPoliciesController } from './segment-policies.controller.ts';
import { SessionsController } from './sessions.controller.ts';
import { TopUpRequestsController } from './top-up-requests.controller.ts';
import { UrgentNoticesController } from './urgent-notices.controller.ts';
import { UsageController } from './usage.controller.ts';

/** What a city's people see and manage; prompts and answers are in JobsHttpModule. */
@Module({
  imports: [
    BillingModule,
    ContentAccessModule,
    EstimatesModule,
    ExitsModule,
    InvoiceDocumentsModule,
    IdentityModule,
    MailDeskModule,
    MeteringModule,
    NoticesModule,
    OwnerlessModule,
    PoolOperationsModule,
    PricingModule,
    RosterModule,
    RetentionModule,
    TenancyModule,
    TopUpModule,
  ],
  controllers: [
    SessionsController,
    MeController,
    OwnFactorsController,
    OwnMailController,
    OwnSessionsController,
    MembersController,
    InvitationsController,
    DepartmentsController,
    PriceListController,
    PurposesController,
    QuietMembersController,
    RosterCalendarController,
    RosterFilesController,
    RosterImportsController,
    RosterInvitationsController,
    RosterLeavingController,
    OwnerlessContentController,
    HandoversController,
    SegmentPoliciesController,
    ApiKeysController,
    ProvisioningController,
    BudgetsController,
    AllotmentsController,
    BudgetNoticesController,
    BudgetItemsController,
    OwnContractController,
    TopUpRequestsController,
    FirstStepsController,
    ForecastController,
    EstimateController,
    UsageController,
    AuditController,
    CityContentAccessesController,
    OwnExitController,
    DataExportsController,
    UrgentNoticesController,
    NoticesController,
    CityInvoicesController,
    CityInvoiceDocumentsController,
  ],
  providers: [CityNotices, ManagedDepartments],
})
export class CityModule {}
