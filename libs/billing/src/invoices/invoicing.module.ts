import { type DynamicModule, Module, type Type } from '@nestjs/common';
import type { IssuerConfig } from '#libs/config';
import { PricingModule } from '#libs/pricing';
import { BillingModule } from '../billing.module.ts';
import { CloseChecks, UnknownUsage } from '../close/close-checks.ts';
import { CloseDeliveries } from '../close/close-deliveries.ts';
import { CloseRunner } from '../close/close-runner.ts';
import { DraftInvoices } from '../close/draft-invoices.ts';
import { MonthClose } from '../close/month-close.ts';
import { PeriodBook } from '../close/period-book.ts';
import { UsageCorrections } from '../close/usage-corrections.ts';
import { UsageHistory } from '../close/usage-history.ts';
import { CityInvoices } from './city-invoices.ts';
import { CreditNotes } from './credit-notes.ts';
import { InvoiceBook } from './invoice-book.ts';
import { InvoiceCalls } from './invoice-calls.ts';
import { InvoiceIssue } from './invoice-issue.ts';
import { InvoiceSteps } from './invoice-steps.ts';
import { ISSUER_CONFIG, Issuer } from './issuer.ts';

const DOORS = [
  CityInvoices,
  CloseChecks,
  CloseDeliveries,
  CloseRunner,
  CreditNotes,
  InvoiceBook,
  InvoiceCalls,
  InvoiceIssue,
  InvoiceSteps,
  MonthClose,
  PeriodBook,
  UsageCorrections,
  UsageHistory,
];

export interface InvoicingOptions {
  readonly issuer: IssuerConfig;
  /** Who knows of work whose use is not known yet, and the module it is from. */
  readonly unknownUsage: { readonly module: Type; readonly provider: Type<UnknownUsage> };
}

/** Where months are begun to be closed and invoices are dealt with: the api. */
@Module({})
export class InvoicingModule {
  static forRoot({ issuer, unknownUsage }: InvoicingOptions): DynamicModule {
    return {
      module: InvoicingModule,
      global: true,
      imports: [BillingModule, PricingModule, unknownUsage.module],
      providers: [
        { provide: ISSUER_CONFIG, useValue: issuer },
        { provide: UnknownUsage, useExisting: unknownUsage.provider },
        DraftInvoices,
        Issuer,
        ...DOORS,
      ],
      exports: DOORS,
    };
  }
}
