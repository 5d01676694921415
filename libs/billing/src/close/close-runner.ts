import { setImmediate } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { type CrossTenantTransaction, FinanceDatabase, refusedWith } from '#libs/database';
import { Clock, type JstMonth, type TenantId, VENDOR_TENANT_ID } from '#libs/kernel';
import { Log } from '#libs/observability';
import { isTransient } from '../transient.ts';
import { ahead } from './ahead.ts';
import { countUsage } from './count-usage.ts';
import { DraftInvoices, type DraftSource, type DraftingPlan } from './draft-invoices.ts';
import { type Draft, type DraftSlice, draftOf, keepDrafts } from './keep-drafts.ts';

/** Cities whose drafts are kept together: what is lost by a kill, and a third of what is in memory at a time. */
const SLICE = 100;
const FAULT_CHARACTERS = 500;
const LOCK_NOT_AVAILABLE = '55P03';

/** Cities one after another, and what their drafts are made from. */
interface SourceSlice extends Pick<DraftSlice, 'after' | 'last' | 'cities'> {
  readonly sources: readonly DraftSource[];
}

interface Claim {
  readonly phase: 'counting' | 'drafting';
  readonly lastTenantId: TenantId | null;
}

/**
 * Does the work of a close, step by step. Each step is one transaction that also says how far the close is, so it may be
 * killed anywhere and gone on with by anybody; and as a frozen month does not change, it comes to the same drafts.
 */
@Injectable()
export class CloseRunner {
  private isStopping = false;

  constructor(
    private readonly database: FinanceDatabase,
    private readonly drafts: DraftInvoices,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Works on a month until it is closed, a fault stops it or somebody else is found at it. */
  async run(month: JstMonth): Promise<void> {
    try {
      if (!(await this.database.run((tx) => this.count(tx, month)))) return;
      await this.draft(await this.database.run((tx) => this.plan(tx, month)));
    } catch (error) {
      if (refusedWith(error, LOCK_NOT_AVAILABLE)) return;
      if (isTransient(error)) throw error;
      this.log.error('close.stopped', { month, error });
      await this.database.query('UPDATE billing_periods SET fault = $2 WHERE month = $1', [
        `${month}-01`,
        error instanceof Error ? error.message.slice(0, FAULT_CHARACTERS) : 'unknown',
      ]);
    }
  }

  /** Ends at the next step. */
  stop(): void {
    this.isStopping = true;
  }

  /** Takes the month for one step. Undefined when there is nothing to do at it, an error when somebody else is at it. */
  private async claim(tx: CrossTenantTransaction, month: JstMonth): Promise<Claim | undefined> {
    const [claim] = await tx.query<Claim>(
      `SELECT phase, last_tenant_id AS "lastTenantId" FROM billing_periods
       WHERE month = $1 AND state = 'closing' AND fault IS NULL FOR UPDATE NOWAIT`,
      [`${month}-01`],
    );
    return claim;
  }

  /** @returns false when the month is not being closed */
  private async count(tx: CrossTenantTransaction, month: JstMonth): Promise<boolean> {
    const claim = await this.claim(tx, month);
    if (claim?.phase !== 'counting') return claim !== undefined;
    await countUsage(tx, month);
    await tx.query(
      `UPDATE billing_periods SET phase = 'drafting', last_tenant_id = NULL, done = 0,
         total = (SELECT count(*) FROM tenants), touched_at = $2 WHERE month = $1`,
      [`${month}-01`, this.clock.now()],
    );
    return true;
  }

  private async plan(tx: CrossTenantTransaction, month: JstMonth): Promise<DraftingPlan> {
    // A council's fee may be split by what its members used: again a look at many rows.
    await tx.query(`SELECT set_config('statement_timeout', '3600000', true)`);
    return this.drafts.plan(tx, month);
  }

  /** A slice is kept while the next is composed and the one after that is read: a frozen month reads the same at any moment. */
  private async draft(plan: DraftingPlan): Promise<void> {
    const [at] = await this.database.query<{ last: TenantId | null }>(
      'SELECT last_tenant_id AS last FROM billing_periods WHERE month = $1',
      [`${plan.month}-01`],
    );
    for await (const slice of ahead(this.compose(plan, ahead(this.read(plan, at?.last ?? null)))))
      if (this.isStopping || !(await keepDrafts(this.database, plan.month, slice, this.clock.now()))) return;
    await this.database.run((tx) => this.finish(tx, plan));
  }

  private async *read(plan: DraftingPlan, from: TenantId | null): AsyncGenerator<SourceSlice, void> {
    let after = from;
    for (;;) {
      const begin = after === null ? 0 : plan.cities.findIndex((city) => city > after!);
      const cities = begin < 0 ? [] : plan.cities.slice(begin, begin + SLICE);
      const last = cities.at(-1);
      if (last === undefined) return;
      const sources = await this.database.run((tx) => this.drafts.read(tx, plan, cities));
      yield { after, last, cities: cities.length, sources };
      after = last;
    }
  }

  private async *compose(plan: DraftingPlan, slices: AsyncIterable<SourceSlice>): AsyncGenerator<DraftSlice, void> {
    for await (const { sources, ...slice } of slices) {
      const drafts: Draft[] = [];
      for (const source of sources) {
        // The database answers meanwhile, and readers of answers want this process too
        await setImmediate();
        const draft = this.drafts.compose(plan, source);
        if (draft) drafts.push(draftOf(source.contract.tenantId, draft));
      }
      yield { ...slice, drafts };
    }
  }

  private async finish(tx: CrossTenantTransaction, { month, cities }: DraftingPlan): Promise<void> {
    const claim = await this.claim(tx, month);
    if (claim?.lastTenantId !== (cities.at(-1) ?? null)) return;
    await tx.query(`UPDATE billing_periods SET state = 'closed', phase = NULL, closed_at = $2 WHERE month = $1`, [
      `${month}-01`,
      this.clock.now(),
    ]);
    const [made] = await tx.query<{ invoices: number; totalJpy: number }>(
      `SELECT count(*)::integer AS invoices, coalesce(sum(total_jpy), 0)::float8 AS "totalJpy" FROM invoices
       WHERE month = $1 AND kind = 'invoice'`,
      [`${month}-01`],
    );
    await tx.actOn(VENDOR_TENANT_ID);
    await this.audit.append(tx, {
      action: 'period.closed',
      actor: { type: 'system', id: null },
      subject: { type: 'month', id: month },
      details: { invoices: made?.invoices ?? 0, totalJpy: made?.totalJpy ?? 0 },
    });
  }
}
