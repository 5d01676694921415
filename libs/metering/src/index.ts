export {
  ALLOTMENT_LEVELS,
  type Allotment,
  type AllotmentHolder,
  type AllotmentLevel,
  Allotments,
} from './allotments.ts';
export { type Budget, BudgetBook, type LimitMove } from './budget-book.ts';
export {
  type BillableSubject,
  type BudgetHolder,
  BudgetKeeper,
  type HeldTokens,
  type ReleasedTokens,
} from './budget-keeper.ts';
export { type BudgetNotice, BudgetNotices, type NoticeReader } from './budget-notices.ts';
export { MeteringModule } from './metering.module.ts';
export { TOP_UP_STATES, TopUpDesk, type TopUpRequest } from './top-up-desk.ts';
export { UnratedUsage, type UnratedUsageLine } from './unrated-usage.ts';
export { USAGE_COLUMNS, type UsageColumn } from './usage-file.ts';
export { UsageImport, type UsageImportReceipt } from './usage-import.ts';
export { type MeteredUsage, type UsageFact, UsageRecorder, billedTokens } from './usage-recorder.ts';
export {
  type CityUsage,
  USAGE_GROUPS,
  type UsageGroup,
  type UsageLine,
  type UsageQuery,
  UsageReport,
  type UsageTotals,
} from './usage-report.ts';
