import { Module } from '@nestjs/common';
import { BudgetBook } from './budget-book.ts';
import { BudgetKeeper } from './budget-keeper.ts';
import { ReservationSweeper } from './reservation-sweeper.ts';
import { UsageRecorder } from './usage-recorder.ts';
import { UsageReport } from './usage-report.ts';

const PROVIDERS = [BudgetBook, BudgetKeeper, ReservationSweeper, UsageRecorder, UsageReport];

@Module({ providers: PROVIDERS, exports: PROVIDERS })
export class MeteringModule {}
