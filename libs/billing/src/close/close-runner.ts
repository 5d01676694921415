import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { type CrossTenantTransaction, FinanceDatabase, refusedWith } from '#libs/database';
import { Clock, type JstMonth, VENDOR_TENANT_ID } from '#libs/kernel';
import { Log } from '#libs/observability';
import type { DraftDocument } from '../invoices/draft-document.ts';
import { isTransient } from '../transient.ts';
import { countUsage } from './count-usage.ts';
import { DraftInvoices, type DraftingPlan } from './draft-invoices.ts';

/** Cities whose drafts are made in one transaction: what is lost by a kill, and what is in memory at a time. */
const SLICE = 100;
const FAULT_CHARACTERS = 500;
const LOCK_NOT_AVAILABLE = '55P03';

/** The drafts of some cities, composed and not yet kept. */
interface Slice {
  /** The last city before them, null for the first slice. */
  readonly after: string | null;
  readonly last: string | null;
  readonly cities: number;
  readonly drafts: readonly DraftDocument[];
}

interface Claim {
  readonly phase: 'counting' | 'drafting';
  readonly lastTenantId: string | null;
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

  /** The next slice is composed while the one before is kept: a frozen month reads the same at any moment. */
  private async draft(plan: DraftingPlan): Promise<void> {
    const [at] = await this.database.query<{ last: string | null }>(
      'SELECT last_tenant_id AS last FROM billing_periods WHERE month = $1',
      [`${plan.month}-01`],
    );
    let next = this.compose(plan, at?.last ?? null);
    try {
      for (;;) {
        const slice = await next;
        next = this.compose(plan, slice.last);
        // A failure is met when its turn comes
        next.catch(() => undefined);
        if (this.isStopping || !(await this.database.run((tx) => this.keep(tx, plan.month, slice)))) return;
      }
    } finally {
      // What it reads, or fails to, is nobody's any more; but nothing may be left running
      await next.catch(() => undefined);
    }
  }

  private async compose(plan: DraftingPlan, after: string | null): Promise<Slice> {
    const cities = plan.cities.filter((city) => after === null || city > after).slice(0, SLICE);
    const drafts = await this.database.run((tx) => this.drafts.compose(tx, plan, cities));
    return { after, last: cities.at(-1) ?? after, cities: cities.length, drafts };
  }

  /** @returns false when there is nothing more to do, or somebody else has gone on meanwhile */
  private async keep(tx: CrossTenantTransaction, month: JstMonth, { after, last, cities, drafts }: Slice) {
    const claim = await this.claim(tx, month);
    if (claim?.lastTenantId !== after) return false;
    if (cities === 0) {
      await this.finish(tx, month);
      return false;
    }
    await this.drafts.keep(tx, month, drafts);
    await tx.query(
      `UPDATE billing_periods SET last_tenant_id = $2, done = done + $3, touched_at = $4 WHERE month = $1`,
      [`${month}-01`, last, cities, this.clock.now()],
    );
    return true;
  }

  private async finish(tx: CrossTenantTransaction, month: JstMonth): Promise<void> {
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
