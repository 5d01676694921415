import { Module } from '@nestjs/common';
import { Allotments } from './allotments.ts';
import { BudgetBook } from './budget-book.ts';
import { BudgetKeeper } from './budget-keeper.ts';
import { BudgetNotices } from './budget-notices.ts';
import { TopUpDesk } from './top-up-desk.ts';
import { UnratedUsage } from './unrated-usage.ts';
import { UsageImport } from './usage-import.ts';
import { UsageRecorder } from './usage-recorder.ts';
import { UsageReport } from './usage-report.ts';

const PROVIDERS = [
  Allotments,
  BudgetBook,
  BudgetKeeper,
  BudgetNotices,
  TopUpDesk,
  UnratedUsage,
  UsageImport,
  UsageRecorder,
  UsageReport,
];

/** Budgets and use, for every process. */
@Module({ providers: PROVIDERS, exports: PROVIDERS })
export class MeteringModule {}
