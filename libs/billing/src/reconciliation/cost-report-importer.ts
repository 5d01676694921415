import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { FinanceDatabase, type CrossTenantTransaction, refusedWith } from '#libs/database';
import { Clock, DomainError, VENDOR_TENANT_ID, newId } from '#libs/kernel';
import { CostComparison } from './cost-comparison.ts';
import { type CostReport, type ReportSum, readCostReport } from './read-cost-report.ts';
import type { VendorPerson } from './two-people.ts';
import { type UtcMonth, firstOf } from './utc-month.ts';

const UNIQUE_VIOLATION = '23505';

const INSERT_LINES = `
  INSERT INTO cost_report_lines (report_id, number, day, region, product_code, usage_type, charge, file_lines,
    first_file_line, tokens, usd)
  SELECT $1, l.number, l.day, l.region, l.product_code, l.usage_type, l.charge, l.file_lines, l.first_file_line, l.tokens, l.usd
  FROM unnest($2::date[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::numeric[],
    $10::numeric[]) WITH ORDINALITY
    AS l (day, region, product_code, usage_type, charge, file_lines, first_file_line, tokens, usd, number)`;

/** Takes the provider's bill of a month in: whole and checked, or not at all. */
@Injectable()
export class CostReportImporter {
  constructor(
    private readonly database: FinanceDatabase,
    private readonly comparison: CostComparison,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /**
   * Reads the file to its end before anything is written, then replaces the month's report and compares again.
   * @returns the report's id
   * @throws DomainError RECONCILIATION.*; REPORT_DUPLICATE when this very file was imported before, for whatever month
   */
  async import(
    actor: VendorPerson,
    { month, fileName, file }: { month: UtcMonth; fileName: string; file: AsyncIterable<Uint8Array> },
  ): Promise<string> {
    const report = await readCostReport(file, month);
    const id = newId();
    await this.database.run(async (tx) => {
      await this.comparison.lock(tx, month);
      await this.store(tx, { id, month, fileName, importedBy: actor.id }, report);
      await this.comparison.compare(tx, month);
      await tx.actOn(VENDOR_TENANT_ID);
      await this.audit.append(tx, {
        action: 'cost-report.imported',
        actor,
        subject: { type: 'cost_report', id },
        details: { month, format: report.format, lines: report.fileLines, sha256: report.sha256.toString('hex') },
      });
    });
    return id;
  }

  private async store(
    tx: CrossTenantTransaction,
    head: { id: string; month: UtcMonth; fileName: string; importedBy: string },
    report: CostReport,
  ): Promise<void> {
    const now = this.clock.now();
    await tx.query('UPDATE cost_reports SET replaced_at = $2 WHERE month = $1 AND replaced_at IS NULL', [
      firstOf(head.month),
      now,
    ]);
    try {
      await tx.query(
        `INSERT INTO cost_reports (id, month, format, file_name, sha256, file_lines, other_lines, other_usd, tax_usd,
           imported_by, imported_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
        [
          head.id,
          firstOf(head.month),
          report.format,
          head.fileName,
          report.sha256,
          report.fileLines,
          report.other.lines,
          report.other.usd.toFixed(15),
          report.taxUsd.toFixed(15),
          head.importedBy,
          now,
        ],
      );
    } catch (error) {
      if (refusedWith(error, UNIQUE_VIOLATION)) throw new DomainError('RECONCILIATION.REPORT_DUPLICATE');
      throw error;
    }
    await tx.query(INSERT_LINES, [head.id, ...columnsOf(report.sums)]);
  }
}

const columnsOf = (sums: readonly ReportSum[]): unknown[][] => [
  sums.map(({ day }) => day),
  sums.map(({ region }) => region),
  sums.map(({ productCode }) => productCode),
  sums.map(({ usageType }) => usageType),
  sums.map(({ charge }) => charge),
  sums.map(({ fileLines }) => fileLines),
  sums.map(({ fileLine }) => fileLine),
  sums.map(({ tokens }) => tokens?.toFixed(6) ?? null),
  sums.map(({ usd }) => usd.toFixed(15)),
];
