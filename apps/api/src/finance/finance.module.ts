import { Module } from '@nestjs/common';
import { MeteringModule } from '#libs/metering';
import { FinanceUsageController } from './usage.controller.ts';

/** The vendor's finance: what every city used. */
@Module({ imports: [MeteringModule], controllers: [FinanceUsageController] })
export class FinanceModule {}
