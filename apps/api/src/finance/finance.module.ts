import { Module } from '@nestjs/common';
import { JobAccountingModule } from '#libs/jobs';
import { MeteringModule } from '#libs/metering';
import { FinanceUsageController } from './usage.controller.ts';

/** The vendor's finance: what every city used. */
@Module({ imports: [JobAccountingModule, MeteringModule], controllers: [FinanceUsageController] })
export class FinanceModule {}
