export { type Budget, BudgetBook } from './budget-book.ts';
export { type BillableSubject, BudgetKeeper, type HeldTokens } from './budget-keeper.ts';
export { MeteringModule } from './metering.module.ts';
export { ReservationSweeper } from './reservation-sweeper.ts';
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
