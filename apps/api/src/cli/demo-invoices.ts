import type { INestApplicationContext } from '@nestjs/common';
import { Temporal } from 'temporal-polyfill';
import {
  CloseChecks,
  CloseRunner,
  InvoiceBook,
  InvoiceIssue,
  InvoiceSteps,
  MonthClose,
  PeriodBook,
} from '#libs/billing';
import { FinanceDatabase } from '#libs/database';
import { Clock, type JstMonth, jstMonthOf } from '#libs/kernel';
import type { Vendor } from '#libs/pricing';

/** The months before last that are billed; last month waits for somebody to close it. */
const MONTHS_BACK = [4, 3, 2];
const MANY = 100;

interface People {
  readonly proposer: Vendor;
  readonly approver: Vendor;
}

/** Closes what the demo's past has left open and issues what it comes to, through the doors everybody else uses. */
export async function seedInvoices(app: INestApplicationContext, people: People): Promise<void> {
  const thisMonth = Temporal.PlainYearMonth.from(jstMonthOf(app.get(Clock).now()));
  for (const back of MONTHS_BACK) await billMonth(app, thisMonth.subtract({ months: back }).toString(), people);
}

/** Leaves a month as it is that is closed already or lacks something. */
async function billMonth(app: INestApplicationContext, month: JstMonth, { proposer, approver }: People): Promise<void> {
  const finance = app.get(FinanceDatabase);
  const isReady = await finance.run(
    async (tx) =>
      (await app.get(PeriodBook).get(tx, month)).state === 'open' &&
      (await app.get(CloseChecks).faultsOf(tx, month)).length === 0,
  );
  if (!isReady) return;
  await finance.run((tx) => app.get(MonthClose).begin(tx, proposer, month));
  await app.get(CloseRunner).run(month);
  const drafts = await finance.run((tx) =>
    app.get(InvoiceBook).list(tx, { month, state: 'draft' }, { after: null, limit: MANY }),
  );
  for (const { id } of drafts) {
    await finance.run((tx) => app.get(InvoiceSteps).review(tx, proposer, id));
    await finance.run((tx) => app.get(InvoiceSteps).approve(tx, approver, id));
    await finance.run((tx) => app.get(InvoiceIssue).issue(tx, proposer, id));
  }
}
