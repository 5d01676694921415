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
import { AllotmentsController } from './money/allotments.controller.ts';
import { ApiKeysController } from './governance/api-keys.controller.ts';
import { AuditController } from './governance/audit.controller.ts';
import { BudgetItemsController } from './money/budget-items.controller.ts';
import { BudgetNoticesController } from './money/budget-notices.controller.ts';
import { BudgetsController } from './money/budgets.controller.ts';
import { CityContentAccessesController } from './governance/content-accesses.controller.ts';
import { CityNotices } from './notices/city-notices.ts';
import { NoticesController } from './notices/notices.controller.ts';
import { OwnContractController } from './money/contract.controller.ts';
import { DataExportsController } from './exit/data-exports.controller.ts';
import { DepartmentsController } from './people/departments.controller.ts';
import { EstimateController } from './money/estimate.controller.ts';
import { FirstStepsController } from './first-steps.controller.ts';
import { OwnExitController } from './exit/exit.controller.ts';
import { ForecastController } from './money/forecast.controller.ts';
import { CityInvoiceDocumentsController } from './money/invoice-documents.controller.ts';
import { CityInvoicesController } from './money/invoices.controller.ts';
import { HandoversController } from './roster/handovers.controller.ts';
import { ManagedDepartments } from './people/managed-departments.ts';
import { InvitationsController } from './people/invitations.controller.ts';
import { MeController } from './people/me.controller.ts';
import { MembersController } from './people/members.controller.ts';
import { OwnFactorsController } from './people/own-factors.controller.ts';
import { OwnMailController } from './people/own-mail.controller.ts';
import { OwnerlessContentController } from './roster/ownerless-content.controller.ts';
import { OwnSessionsController } from './people/own-sessions.controller.ts';
import { PriceListController } from './money/price-list.controller.ts';
import { ProvisioningController } from './people/provisioning.controller.ts';
import { PurposesController } from './governance/purposes.controller.ts';
import { QuietMembersController } from './people/quiet-members.controller.ts';
import { RosterCalendarController } from './roster/roster-calendar.controller.ts';
import { RosterFilesController } from './roster/roster-files.controller.ts';
import { RosterImportsController } from './roster/roster-imports.controller.ts';
import { RosterInvitationsController } from './roster/roster-invitations.controller.ts';
import { RosterLeavingController } from './roster/roster-leaving.controller.ts';
import { SegmentPoliciesController } from './governance/segment-policies.controller.ts';
import { SessionsController } from './people/sessions.controller.ts';
import { TopUpRequestsController } from './money/top-up-requests.controller.ts';
import { UrgentNoticesController } from './notices/urgent-notices.controller.ts';
import { UsageController } from './money/usage.controller.ts';

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
