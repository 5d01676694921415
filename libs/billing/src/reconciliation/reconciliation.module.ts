import { type DynamicModule, Module } from '@nestjs/common';
import { CostComparison } from './cost-comparison.ts';
import { CostReportImporter } from './cost-report-importer.ts';
import { CostReportWaivers } from './cost-report-waivers.ts';
import { Reconciliation, ReconciliationLimits } from './reconciliation.ts';
import { ReconciliationReport } from './reconciliation-report.ts';
import { UsageTypeModels } from './usage-type-models.ts';
import { VarianceEntries } from './variance-entries.ts';

const PUBLIC = [
  CostReportImporter,
  CostReportWaivers,
  Reconciliation,
  ReconciliationReport,
  UsageTypeModels,
  VarianceEntries,
];

/** The provider's bill against ours. Global, because whoever issues invoices asks it, wherever that is. */
@Module({})
export class ReconciliationModule {
  static forRoot(limits: ReconciliationLimits): DynamicModule {
    return {
      module: ReconciliationModule,
      global: true,
      providers: [...PUBLIC, CostComparison, { provide: ReconciliationLimits, useValue: limits }],
      exports: PUBLIC,
    };
  }
}
