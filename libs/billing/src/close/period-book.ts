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

/** The months of the books. */
@Injectable()
export class PeriodBook {
  constructor(private readonly clock: Clock) {}

  async get(tx: Transaction, month: JstMonth): Promise<PeriodSummary> {
    const [period] = await tx.query<PeriodSummary>(SUMMARY, [[`${month}-01`]]);
    return period!;
  }

  /** Newest first, from this month back as many as asked for. */
  list(tx: Transaction, months: number): Promise<PeriodSummary[]> {
    const latest = Temporal.PlainYearMonth.from(jstMonthOf(this.clock.now()));
    const days = Array.from({ length: months }, (_, back) => `${latest.subtract({ months: back }).toString()}-01`);
    return tx.query<PeriodSummary>(SUMMARY, [days]);
  }
}
