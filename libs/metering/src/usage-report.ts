import { Injectable } from '@nestjs/common';
import type { TenantTransaction, Transaction } from '#libs/database';
import { type JstMonth, jstDayRange, jstMonthRange } from '#libs/kernel';
import type { MeteredUsage } from './usage-recorder.ts';

export const USAGE_GROUPS = ['day', 'department', 'member', 'model', 'purpose'] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

export interface UsageTotals extends MeteredUsage {
  readonly jobs: number;
}

/** One bar of the chart: `key` is a day, an id or a model; null where the work belongs to none. */
export interface UsageLine extends UsageTotals {
  readonly key: string | null;
  readonly label: string | null;
}

/** What one city used in a month, for the vendor's finance staff. */
export interface CityUsage extends UsageTotals {
  readonly cityId: string;
  readonly code: string;
  readonly name: string;
  readonly limitTokens: number;
}

export interface UsageQuery {
  /** JST days `YYYY-MM-DD`, both included. */
  readonly from: string;
  readonly to: string;
  readonly groupBy: UsageGroup;
  /** Only the use of these departments, for those who may see no more. Null: all, and what belongs to none. */
  readonly departmentIds: readonly string[] | null;
}

// A job that had to be called again has a record for each call.
const SUMS = `count(DISTINCT (u.subject_type, u.subject_id))::integer AS jobs, coalesce(sum(u.input_tokens), 0)::float8 AS "inputTokens",
  coalesce(sum(u.output_tokens), 0)::float8 AS "outputTokens",
  coalesce(sum(u.cache_read_tokens), 0)::float8 AS "cacheReadTokens",
  coalesce(sum(u.cache_write_tokens), 0)::float8 AS "cacheWriteTokens",
  coalesce(sum(u.input_characters), 0)::float8 AS "inputCharacters",
  coalesce(sum(u.output_characters), 0)::float8 AS "outputCharacters"`;

const JST_DAY = `to_char(u.accepted_at AT TIME ZONE 'Asia/Tokyo', 'YYYY-MM-DD')`;

/** What a line is keyed by, what people read there, and where the words come from. */
const GROUPS: Record<UsageGroup, { key: string; label: string; join: string }> = {
  day: { key: JST_DAY, label: JST_DAY, join: '' },
  model: { key: 'u.model', label: 'u.model', join: '' },
  department: {
    key: 'u.department_id',
    label: 'd.name',
    join: 'LEFT JOIN departments d ON d.tenant_id = u.tenant_id AND d.id = u.department_id',
  },
  member: {
    key: 'u.member_id',
    label: 'm.display_name',
    join: 'LEFT JOIN members m ON m.tenant_id = u.tenant_id AND m.id = u.member_id',
  },
  purpose: {
    key: 'u.purpose_id',
    label: 'p.name',
    join: 'LEFT JOIN purposes p ON p.tenant_id = u.tenant_id AND p.id = u.purpose_id',
  },
};

const ZERO: UsageTotals = {
  jobs: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  inputCharacters: 0,
  outputCharacters: 0,
};

function totalOf(lines: readonly UsageTotals[]): UsageTotals {
  return lines.reduce<UsageTotals>(
    (sum, line) => ({
      jobs: sum.jobs + line.jobs,
      inputTokens: sum.inputTokens + line.inputTokens,
      outputTokens: sum.outputTokens + line.outputTokens,
      cacheReadTokens: sum.cacheReadTokens + line.cacheReadTokens,
      cacheWriteTokens: sum.cacheWriteTokens + line.cacheWriteTokens,
      inputCharacters: sum.inputCharacters + line.inputCharacters,
      outputCharacters: sum.outputCharacters + line.outputCharacters,
    }),
    ZERO,
  );
}

/** Reads usage. It sums facts; it never corrects them. Sums stay below 2^53, so float8 holds them exactly. */
@Injectable()
export class UsageReport {
  /** A city's own use by day, department, member, model or purpose. */
  async forCity(tx: TenantTransaction, query: UsageQuery): Promise<{ items: UsageLine[]; total: UsageTotals }> {
    const { start, end } = jstDayRange(query.from, query.to);
    const { key, label, join } = GROUPS[query.groupBy];
    const order = query.groupBy === 'day' ? '1' : 'sum(u.input_tokens + u.output_tokens) DESC, 1';
    const used = `FROM usage_records u ${join}
       WHERE u.accepted_at >= $1 AND u.accepted_at < $2 AND ($3::uuid[] IS NULL OR u.department_id = ANY ($3))`;
    const of = [start, end, query.departmentIds];
    const items = await tx.query<UsageLine>(
      `SELECT ${key}::text AS key, ${label} AS label, ${SUMS} ${used} GROUP BY 1, 2 ORDER BY ${order}`,
      of,
    );
    // A job may have a part in several lines, as where it was called again on another model: it is one job.
    const [jobs] = await tx.query<{ jobs: number }>(
      `SELECT count(DISTINCT (u.subject_type, u.subject_id))::integer AS jobs ${used}`,
      of,
    );
    return { items, total: { ...totalOf(items), ...jobs } };
  }

  /** Every city's use in a JST month, cities without use included. For the finance role. */
  async ofAllCities(tx: Transaction, month: JstMonth): Promise<{ items: CityUsage[]; total: UsageTotals }> {
    const { start, end } = jstMonthRange(month);
    const items = await tx.query<CityUsage>(
      `SELECT t.id AS "cityId", t.code, t.name, coalesce(b.limit_tokens, 0)::float8 AS "limitTokens",
              coalesce(s.jobs, 0) AS jobs,
              ${[
                'inputTokens',
                'outputTokens',
                'cacheReadTokens',
                'cacheWriteTokens',
                'inputCharacters',
                'outputCharacters',
              ]
                .map((column) => `coalesce(s."${column}", 0) AS "${column}"`)
                .join(', ')}
       FROM tenants t
       -- A month without a row begins with the limit of the one before it
       LEFT JOIN LATERAL (
         SELECT limit_tokens FROM budgets WHERE tenant_id = t.id AND month <= $3 ORDER BY month DESC LIMIT 1) b ON true
       LEFT JOIN (SELECT u.tenant_id, ${SUMS} FROM usage_records u
                  WHERE u.accepted_at >= $1 AND u.accepted_at < $2 GROUP BY u.tenant_id) s ON s.tenant_id = t.id
       ORDER BY t.code`,
      [start, end, `${month}-01`],
    );
    return { items, total: totalOf(items) };
  }
}
