import { Injectable } from '@nestjs/common';
import { Temporal } from 'temporal-polyfill';
import type { Transaction } from '#libs/database';
import { Clock, type JstMonth, jstMonthOf } from '#libs/kernel';
import type { Period } from './period.ts';

/** A period, and what its invoices come to. */
export interface PeriodSummary extends Period {
  readonly invoices: number;
  readonly totalJpy: number;
  /** By state of invoice. */
  readonly states: Readonly<Record<string, number>>;
}

const SUMMARY = `
  SELECT to_char(m.month, 'YYYY-MM') AS month, coalesce(p.state, 'open') AS state, p.phase,
    coalesce(p.done, 0) AS done, coalesce(p.total, 0) AS total,
    coalesce(p.deliveries, 0) AS deliveries, p.closing_at AS "closingAt",
    v.display_name AS "closingBy", p.closed_at AS "closedAt", p.fault,
    coalesce(i.invoices, 0) AS invoices, coalesce(i.total_jpy, 0)::float8 AS "totalJpy",
    coalesce(i.states, '{}'::jsonb) AS states
  FROM unnest($1::date[]) AS m (month)
  LEFT JOIN billing_periods p ON p.month = m.month
  LEFT JOIN vendor_users v ON v.id = p.closing_by
  LEFT JOIN LATERAL (
    SELECT sum(s.count)::integer AS invoices, sum(s.total_jpy) AS total_jpy, jsonb_object_agg(s.state, s.count) AS states
    FROM (SELECT state, count(*) AS count, sum(total_jpy) AS total_jpy FROM invoices
          WHERE month = m.month AND kind = 'invoice' GROUP BY state) s) i ON true
  ORDER BY m.month DESC`;

/** The first month that was closed: what is before it never can be. Else the first of a contract that two people agreed to. */
const FIRST = `
  SELECT (SELECT to_char(min(month), 'YYYY-MM') FROM billing_periods WHERE state <> 'open') AS closed,
    (SELECT to_char(min(c.starts_on), 'YYYY-MM') FROM contracts c
     WHERE EXISTS (SELECT FROM contract_terms p
                   WHERE p.tenant_id = c.tenant_id AND p.contract_id = c.id AND p.approved_at IS NOT NULL)) AS agreed`;

/** The months of the books. */
@Injectable()
export class PeriodBook {
  constructor(private readonly clock: Clock) {}

  async get(tx: Transaction, month: JstMonth): Promise<PeriodSummary> {
    const [period] = await tx.query<PeriodSummary>(SUMMARY, [[`${month}-01`]]);
    return period!;
  }

  /** Newest first, from this month back as many as asked for, and none before the books begin. */
  async list(tx: Transaction, months: number): Promise<PeriodSummary[]> {
    const latest = Temporal.PlainYearMonth.from(jstMonthOf(this.clock.now()));
    const first = await this.first(tx, latest.add({ months: 1 }).toString());
    const days = Array.from({ length: months }, (_, back) => latest.subtract({ months: back }).toString())
      .filter((month) => month >= first)
      .map((month) => `${month}-01`);
    return tx.query<PeriodSummary>(SUMMARY, [days]);
  }

  /** @param next the month after this one: where the books begin when there is nothing in them */
  private async first(tx: Transaction, next: JstMonth): Promise<JstMonth> {
    const [known] = await tx.query<{ closed: string | null; agreed: string | null }>(FIRST);
    if (known!.closed !== null) return known!.closed;
    const before = known!.agreed !== null && known!.agreed < next ? known!.agreed : next;
    // Use ahead of any contract is to be seen: it stands in the way of a close. As in CloseChecks, planned for this month.
    await tx.query(`SELECT set_config('plan_cache_mode', 'force_custom_plan', true)`);
    const [used] = await tx.query<{ month: string | null }>(
      `SELECT to_char(min(billing_month), 'YYYY-MM') AS month FROM usage_records WHERE billing_month < $1`,
      [`${before}-01`],
    );
    return used!.month ?? before;
  }
}
