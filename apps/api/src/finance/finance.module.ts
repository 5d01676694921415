import { Module } from '@nestjs/common';
import { BillingModule, EstimatesModule, InvoiceDocumentsModule } from '#libs/billing';
import { IdentityModule } from '#libs/identity';
import { JobAccountingModule } from '#libs/jobs';
import { MeteringModule } from '#libs/metering';
import { PricingModule } from '#libs/pricing';
import { CostReportsController } from './cost-reports.controller.ts';
import { ContractTermsController } from './contract-terms.controller.ts';
import { ContractsController } from './contracts.controller.ts';
import { CouncilsController } from './councils.controller.ts';
import { FinanceEstimatesController } from './estimates.controller.ts';
import { FxRatesController } from './fx-rates.controller.ts';
import { PlansController } from './plans.controller.ts';
import { InvoiceArchivesController } from './invoice-archives.controller.ts';
import { FinanceInvoiceDocumentsController } from './invoice-documents.controller.ts';
import { InvoiceStepsController } from './invoice-steps.controller.ts';
import { FinanceInvoicesController } from './invoices.controller.ts';
import { PeriodsController } from './periods.controller.ts';
import { PricesController } from './prices.controller.ts';
import { ReconciliationsController } from './reconciliations.controller.ts';
import { ServiceKeysController } from './service-keys.controller.ts';
import { FinanceUsageController } from './usage.controller.ts';
import { UsageCorrectionsController } from './usage-corrections.controller.ts';
import { UsageImportsController } from './usage-imports.controller.ts';
import { UsageTypeModelsController } from './usage-type-models.controller.ts';
import { VariancesController } from './variances.controller.ts';

/** The vendor's finance: what every city used, what it costs, and what the provider charged for it. */
@Module({
  imports: [
    BillingModule,
    EstimatesModule,
    IdentityModule,
    InvoiceDocumentsModule,
    JobAccountingModule,
    MeteringModule,
    PricingModule,
  ],
  controllers: [
    FinanceUsageController,
    FinanceEstimatesController,
    UsageCorrectionsController,
    UsageImportsController,
    PricesController,
    FxRatesController,
    PeriodsController,
    InvoiceStepsController,
    FinanceInvoicesController,
    FinanceInvoiceDocumentsController,
    InvoiceArchivesController,
    CostReportsController,
    ReconciliationsController,
    VariancesController,
    UsageTypeModelsController,
    ServiceKeysController,
    PlansController,
    ContractsController,
    ContractTermsController,
    CouncilsController,
  ],
})
export class FinanceModule {}
