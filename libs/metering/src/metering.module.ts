import { Module } from '@nestjs/common';
import { TenancyModule } from '#libs/tenancy';
import { Allotments } from './allotments.ts';
import { BudgetBook } from './budget-book.ts';
import { BudgetKeeper } from './budget-keeper.ts';
import { BudgetMails } from './budget-mails.ts';
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
  UnratedUsage,
  UsageImport,
  UsageRecorder,
  UsageReport,
];

/** Budgets and use, for every process. */
@Module({ providers: PROVIDERS, exports: PROVIDERS })
export class MeteringModule {}

/** Where departments ask for more: the api. */
@Module({ imports: [MeteringModule], providers: [TopUpDesk], exports: [TopUpDesk] })
export class TopUpModule {}

/** Where those concerned are mailed of their limits: the worker. */
@Module({ imports: [TenancyModule], providers: [BudgetMails], exports: [BudgetMails] })
export class BudgetMailModule {}
