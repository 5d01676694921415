import { join } from 'node:path';
import { type DynamicModule, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { DataSource } from 'typeorm';
import { AuditModule } from '#libs/audit';
import { CloseModule, CloseRunner, InvoicingModule, MonthClose, PeriodBook, ReconciliationModule } from '#libs/billing';
import { DatabaseModule, FinanceDatabase } from '#libs/database';
import { JobAccountingModule, OpenCalls } from '#libs/jobs';
import { Clock, type JstMonth, SystemClock, jstMonthOf, jstMonthRange } from '#libs/kernel';
import { MeteringModule } from '#libs/metering';
import { ObservabilityModule } from '#libs/observability';
import { QueueModule } from '#libs/queue';
import { Home } from '../../start/home.ts';
import { addUsage, foundCities } from '../load/month-of-usage.ts';
import { residentBytes } from '../measure/resident-memory.ts';
import { AdmissionStand } from './admission-stand.ts';

const LOOK_EVERY_MS = 20;

/** What it took to close a month: freezing and counting it, then drafting, and this process while it did. */
export interface ClosingCost {
  readonly countingMs: number;
  readonly draftingMs: number;
  readonly peakBytes: number;
}

/** The books of all municipalities with a month of usage that is over and not closed. */
export class BillingStand implements AsyncDisposable {
  readonly app: INestApplicationContext;
  readonly month: JstMonth;
  private readonly stand: AdmissionStand;
  /** Two of finance. */
  private readonly people: readonly [string, string];

  private constructor(
    stand: AdmissionStand,
    app: INestApplicationContext,
    month: JstMonth,
    people: readonly [string, string],
  ) {
    this.stand = stand;
    this.app = app;
    this.month = month;
    this.people = people;
  }

  static async open(directory: string, rows: number): Promise<BillingStand> {
    await using opened = new AsyncDisposableStack();
    const stand = opened.use(await AdmissionStand.open(directory));
    const month = jstMonthOf(new Date(jstMonthRange(jstMonthOf(new Date())).start.getTime() - 1));
    const people = await foundCities(stand.everything, month);
    await addUsage(stand.everything, month, rows);
    const app = await NestFactory.createApplicationContext(booksOf(stand, directory), { logger: false });
    opened.move();
    return new BillingStand(stand, app, month, people);
  }

  /** Passes every wall. */
  get everything(): DataSource {
    return this.stand.everything;
  }

  /** @throws Error when the month is not closed by it, with every city's invoice drafted */
  async close(cities: number): Promise<ClosingCost> {
    const finance = this.app.get(FinanceDatabase);
    const period = () => finance.run((tx) => this.app.get(PeriodBook).get(tx, this.month));
    let peakBytes = 0;
    let countedAt = 0;
    await using watching = new AsyncDisposableStack();
    const watch = setInterval(() => {
      peakBytes = Math.max(peakBytes, residentBytes(process.pid));
      if (countedAt === 0)
        // A look that fails says nothing: the close itself fails then, or the bench is being broken off
        void period().then(
          ({ phase }) => void (phase === 'drafting' && (countedAt ||= performance.now())),
          () => undefined,
        );
    }, LOOK_EVERY_MS);
    watching.defer(() => clearInterval(watch));
    const beganAt = performance.now();
    const [id] = this.people;
    await finance.run((tx) => this.app.get(MonthClose).begin(tx, { type: 'vendor', id }, this.month));
    await this.app.get(CloseRunner).run(this.month);
    const endedAt = performance.now();
    const { state, invoices, fault } = await period();
    if (state !== 'closed' || invoices !== cities) throw new Error(`${state}, ${invoices} invoices: ${fault}`);
    return { countingMs: countedAt - beganAt, draftingMs: endedAt - countedAt, peakBytes };
  }

  /** As if the month had never been closed. */
  async reopen(): Promise<void> {
    await this.everything.query(
      `BEGIN;
       SET LOCAL session_replication_role = replica;
       TRUNCATE invoice_events, period_usage, billing_periods;
       DELETE FROM invoices;
       COMMIT`,
    );
    await this.everything.query('VACUUM ANALYZE invoices, invoice_events, period_usage');
    await this.everything.query('CHECKPOINT');
  }

  /** Every draft as if it had been issued: a city sees nothing else. */
  async issue(): Promise<void> {
    await this.everything.query(
      `BEGIN;
       SET LOCAL session_replication_role = replica;
       UPDATE invoices i SET state = 'issued', number = 'M2026-' || lpad(n.no::text, 6, '0'), issued_on = current_date,
         due_on = current_date + 30, issued_at = now(), issued_by = '${this.people[0]}', reviewed_by = '${this.people[0]}',
         approved_by = '${this.people[1]}', sha256 = sha256(convert_to(document, 'UTF8'))
       FROM (SELECT id, row_number() OVER (ORDER BY id) AS no FROM invoices) n WHERE n.id = i.id;
       COMMIT`,
    );
    await this.everything.query('VACUUM ANALYZE');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close();
    await this.stand[Symbol.asyncDispose]();
  }
}

/** What the api and the worker use of the books, with no decorator that Node would have to strip. */
function booksOf({ urls }: AdmissionStand, directory: string): DynamicModule {
  const clock: DynamicModule = {
    module: class BenchClock {},
    global: true,
    providers: [{ provide: Clock, useClass: SystemClock }],
    exports: [Clock],
  };
  return {
    module: class BenchBooks {},
    imports: [
      clock,
      ObservabilityModule.forRoot({ level: 'silent' }),
      DatabaseModule.forRoot({
        database: { appUrl: urls.app, admissionUrl: urls.admission, poolSize: 4 },
        vendorDatabase: { financeUrl: urls.finance },
        keyService: { kind: 'local', directory: new Home(join(directory, 'home')).keyDirectory },
      }),
      QueueModule.forRoot({ backend: 'postgres', url: urls.admission }),
      AuditModule,
      MeteringModule,
      ReconciliationModule.forRoot({ unexplainedUsd: '100', unexplainedPercent: '1' }),
      InvoicingModule.forRoot({ issuer: null, unknownUsage: { module: JobAccountingModule, provider: OpenCalls } }),
      CloseModule,
    ],
  };
}
