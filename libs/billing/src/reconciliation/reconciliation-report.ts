import { Injectable } from '@nestjs/common';
import type { Transaction } from '#libs/database';
import { MAPPED } from './cost-comparison.ts';
import type { ReportFormat } from './cost-report.ts';
import type { EntryKind } from './variance-entries.ts';
import { type UtcMonth, firstOf } from './utc-month.ts';

/** An imported file. Dollars are decimal strings, exact. */
export interface CostReportRecord {
  readonly id: string;
  readonly month: UtcMonth;
  readonly format: ReportFormat;
  readonly fileName: string;
  readonly sha256: string;
  readonly fileLines: number;
  readonly otherLines: number;
  readonly otherUsd: string;
  readonly taxUsd: string;
  readonly importedBy: string;
  readonly importedAt: Date;
  readonly replacedAt: Date | null;
}

export interface VarianceEntry {
  readonly id: string;
  readonly kind: EntryKind;
  readonly usd: string;
  readonly explanation: string;
  readonly proposedById: string;
  readonly proposedBy: string;
  readonly proposedAt: string;
  readonly approvedBy: string | null;
  readonly approvedAt: string | null;
}

/** What the provider charged for a model in a region against what our prices say. */
export interface Variance {
  readonly id: string;
  /** Null for lines that no mapping names. */
  readonly model: string | null;
  readonly region: string;
  readonly providerUsd: string;
  readonly ourUsd: string;
  readonly differenceUsd: string;
  /** What no approved entry accounts for. */
  readonly openUsd: string;
  /** Ours by deployment. The provider knows only model and region, so several of one region share a variance. */
  readonly deployments: readonly {
    readonly id: string;
    readonly calls: number;
    readonly unratedCalls: number;
    readonly tokens: number;
    readonly usd: string;
  }[];
  readonly entries: readonly VarianceEntry[];
}

export interface DayOfCosts {
  /** UTC. */
  readonly day: string;
  readonly model: string | null;
  readonly region: string;
  readonly providerUsd: string;
  readonly ourUsd: string;
}

/** Lines of the report whose usage type nobody has mapped. */
export interface UnmappedUsage {
  readonly usageType: string;
  readonly productCode: string;
  readonly region: string;
  readonly fileLines: number;
  /** Where in the file to look. */
  readonly firstFileLine: number;
  readonly usd: string;
}

const REPORT = `r.id, to_char(r.month, 'YYYY-MM') AS month, r.format, r.file_name AS "fileName", encode(r.sha256, 'hex') AS sha256,
  r.file_lines::float8 AS "fileLines", r.other_lines::float8 AS "otherLines", trim_scale(r.other_usd)::text AS "otherUsd",
  trim_scale(r.tax_usd)::text AS "taxUsd", i.display_name AS "importedBy", r.imported_at AS "importedAt", r.replaced_at AS "replacedAt"
  FROM cost_reports r JOIN vendor_users i ON i.id = r.imported_by`;

const VARIANCES = `
  SELECT v.id, nullif(v.model, '') AS model, v.region, trim_scale(v.provider_usd)::text AS "providerUsd",
    trim_scale(v.our_usd)::text AS "ourUsd", trim_scale(v.difference_usd)::text AS "differenceUsd",
    trim_scale(v.difference_usd - coalesce(e.approved, 0))::text AS "openUsd",
    coalesce(d.list, '[]') AS deployments, coalesce(e.list, '[]') AS entries
  FROM variances v
  LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('id', u.id, 'calls', u.calls, 'unratedCalls', u.unrated, 'tokens', u.tokens,
      'usd', u.usd) ORDER BY u.id) AS list
    FROM (SELECT deployment_id AS id, sum(calls) AS calls, sum(unrated_calls) AS unrated, sum(tokens) AS tokens,
            trim_scale(sum(usd))::text AS usd
          FROM reconciled_usage WHERE month = v.month AND model = v.model AND region = v.region GROUP BY 1) u) d ON true
  LEFT JOIN LATERAL (
    SELECT sum(n.usd) FILTER (WHERE n.approved_at IS NOT NULL) AS approved,
      jsonb_agg(jsonb_build_object('id', n.id, 'kind', n.kind, 'usd', trim_scale(n.usd)::text, 'explanation', n.explanation,
        'proposedById', n.proposed_by, 'proposedBy', p.display_name, 'proposedAt', to_char(n.proposed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'approvedBy', a.display_name, 'approvedAt', to_char(n.approved_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ORDER BY n.proposed_at, n.id) AS list
    FROM variance_entries n JOIN vendor_users p ON p.id = n.proposed_by LEFT JOIN vendor_users a ON a.id = n.approved_by
    WHERE n.variance_id = v.id AND n.withdrawn_at IS NULL) e ON true
  WHERE v.month = $1 AND (v.provider_usd <> 0 OR v.our_usd <> 0 OR e.list IS NOT NULL)
  ORDER BY abs(v.difference_usd) DESC, v.model, v.region`;

const DAYS = `
  WITH provider AS (
    SELECT l.day, coalesce(m.model, '') AS model, l.region, sum(l.usd) AS usd
    FROM cost_reports r JOIN cost_report_lines l ON l.report_id = r.id ${MAPPED}
    WHERE r.month = $1 AND r.replaced_at IS NULL GROUP BY 1, 2, 3),
  sides AS (
    SELECT day, model, region, usd AS provider_usd, 0 AS our_usd FROM provider
    UNION ALL
    SELECT day, model, region, 0, usd FROM reconciled_usage
    WHERE month = $1 AND (NOT simulated OR model IN (SELECT model FROM provider)))
  SELECT to_char(day, 'YYYY-MM-DD') AS day, nullif(model, '') AS model, region,
    trim_scale(sum(provider_usd))::text AS "providerUsd", trim_scale(sum(our_usd))::text AS "ourUsd"
  FROM sides GROUP BY sides.day, sides.model, region ORDER BY sides.day, sides.model, region`;

const UNMAPPED = `
  SELECT l.usage_type AS "usageType", l.product_code AS "productCode", l.region, sum(l.file_lines)::float8 AS "fileLines",
    min(l.first_file_line)::float8 AS "firstFileLine", trim_scale(sum(l.usd))::text AS usd
  FROM cost_reports r JOIN cost_report_lines l ON l.report_id = r.id ${MAPPED}
  WHERE r.month = $1 AND r.replaced_at IS NULL AND m.model IS NULL
  GROUP BY 1, 2, 3 ORDER BY abs(sum(l.usd)) DESC, 1, 2, 3`;

/** Reads what was compared. For the finance role. */
@Injectable()
export class ReconciliationReport {
  /** Imported files, the latest first; replaced ones too. @param before id of the last one seen */
  list(tx: Transaction, { before, limit }: { before: string | null; limit: number }): Promise<CostReportRecord[]> {
    return tx.query(`SELECT ${REPORT} WHERE $1::uuid IS NULL OR r.id < $1 ORDER BY r.id DESC LIMIT $2`, [
      before,
      limit,
    ]);
  }

  async byId(tx: Transaction, id: string): Promise<CostReportRecord | null> {
    const [report] = await tx.query<CostReportRecord>(`SELECT ${REPORT} WHERE r.id = $1`, [id]);
    return report ?? null;
  }

  /** The report that counts for a month. */
  async current(tx: Transaction, month: UtcMonth): Promise<CostReportRecord | null> {
    const [report] = await tx.query<CostReportRecord>(`SELECT ${REPORT} WHERE r.month = $1 AND r.replaced_at IS NULL`, [
      firstOf(month),
    ]);
    return report ?? null;
  }

  variances(tx: Transaction, month: UtcMonth): Promise<Variance[]> {
    return tx.query(VARIANCES, [firstOf(month)]);
  }

  days(tx: Transaction, month: UtcMonth): Promise<DayOfCosts[]> {
    return tx.query(DAYS, [firstOf(month)]);
  }

  unmapped(tx: Transaction, month: UtcMonth): Promise<UnmappedUsage[]> {
    return tx.query(UNMAPPED, [firstOf(month)]);
  }
}
