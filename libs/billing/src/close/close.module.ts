import { Module } from '@nestjs/common';
import { PricingModule } from '#libs/pricing';
import { BillingModule } from '../billing.module.ts';
import { CloseDeliveries } from './close-deliveries.ts';
import { CloseRunner } from './close-runner.ts';
import { DraftInvoices } from './draft-invoices.ts';

const DOORS = [CloseDeliveries, CloseRunner];

/** Where months are closed: the worker. */
@Module({ imports: [BillingModule, PricingModule], providers: [DraftInvoices, ...DOORS], exports: DOORS })
export class CloseModule {}
