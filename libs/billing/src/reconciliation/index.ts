export { type CostReportWaiver, CostReportWaivers } from './cost-report-waivers.ts';
export { CostReportImporter } from './cost-report-importer.ts';
export { REPORT_FORMATS, TOKEN_KINDS } from './cost-report.ts';
export { Reconciliation, ReconciliationLimits, type ReconciliationState } from './reconciliation.ts';
export {
  type CostReportRecord,
  type DayOfCosts,
  ReconciliationReport,
  type UnmappedUsage,
  type Variance,
  type VarianceEntry,
} from './reconciliation-report.ts';
export { ReconciliationModule } from './reconciliation.module.ts';
export { type UsageTypeModel, UsageTypeModels } from './usage-type-models.ts';
export { likelyKindOf } from './usage-type.ts';
export { ENTRY_KINDS, VarianceEntries } from './variance-entries.ts';
