import { Injectable } from '@nestjs/common';
import type { Transaction } from '#libs/database';
import { DomainError } from '#libs/kernel';
import { Usd } from './cost-report.ts';
import { type CostReportWaiver, CostReportWaivers } from './cost-report-waivers.ts';
import { type CostReportRecord, ReconciliationReport, type Variance } from './reconciliation-report.ts';
import { type UtcMonth, firstOf, utcMonthRange } from './utc-month.ts';

/** How much of the provider's bill may stay unexplained when invoices are issued; neither may be exceeded. */
export abstract class ReconciliationLimits {
  /** Decimal dollars. */
  abstract readonly unexplainedUsd: string;
  /** Of the provider's bill for models, 0.5 is half a percent. */
  abstract readonly unexplainedPercent: string;
}

/** Whether a month's invoices may go out, and what stands in the way. */
export interface ReconciliationState {
  readonly month: UtcMonth;
  /** Real Bedrock deployments were used, so the provider has sent a bill. */
  readonly needsReport: boolean;
  readonly report: CostReportRecord | null;
  /** Taken after the month was over; before that a report is a preview. */
  readonly isReportFinal: boolean;
  readonly waiver: CostReportWaiver | null;
  readonly providerUsd: string;
  readonly ourUsd: string;
  /** Sum of what is open of each variance, without its sign: too much here does not hide too little there. */
  readonly openUsd: string;
  /** What may be open at most: the smaller of the two limits. */
  readonly allowedUsd: string;
  readonly blockedBy: 'REPORT_MISSING' | 'NOT_SETTLED' | null;
}

const REAL = `SELECT id FROM pool_deployments WHERE provider = 'bedrock' AND NOT simulated`;

/** Whoever issues a month's invoices asks for each: what was taken for the comparison answers without all of the usage. */
const USES_BEDROCK = `
  SELECT CASE
    WHEN EXISTS (SELECT FROM reconciled_usage WHERE month = $1 AND NOT simulated) THEN true
    WHEN NOT EXISTS (${REAL}) THEN false
    ELSE EXISTS (SELECT FROM usage_records WHERE recorded_at >= $2 AND recorded_at < $3 AND deployment_id IN (${REAL}))
  END AS used`;

/** The provider's bill as a condition of ours (docs/decisions/0020). */
@Injectable()
export class Reconciliation {
  constructor(
    private readonly reports: ReconciliationReport,
    private readonly waivers: CostReportWaivers,
    private readonly limits: ReconciliationLimits,
  ) {}

  /**
   * Whoever issues invoices of a month asks once before. The month is the UTC one of the same name: its nine hours more at
   * the end and less at the start are the neighbours' business, and their invoices ask for them.
   * @throws DomainError RECONCILIATION.REPORT_MISSING, RECONCILIATION.NOT_SETTLED
   */
  async demandSettled(tx: Transaction, month: UtcMonth): Promise<void> {
    const state = await this.state(tx, month);
    if (state.blockedBy === 'REPORT_MISSING')
      throw new DomainError('RECONCILIATION.REPORT_MISSING', {
        detail: state.report
          ? `${month} の原価レポートは月の途中のものです。月が終わった後のレポートを取り込んでください。`
          : `${month} の原価レポートが取り込まれていません。取り込むか、取り込まずに発行することを2人で記録してください。`,
      });
    if (state.blockedBy === 'NOT_SETTLED')
      throw new DomainError('RECONCILIATION.NOT_SETTLED', {
        detail: `${month} の原価との差異のうち ${short(state.openUsd)} USD が未説明です（許容 ${short(state.allowedUsd)} USD）。`,
      });
  }

  async state(tx: Transaction, month: UtcMonth): Promise<ReconciliationState> {
    const { start, end } = utcMonthRange(month);
    const [{ used } = { used: false }] = await tx.query<{ used: boolean }>(USES_BEDROCK, [firstOf(month), start, end]);
    const report = await this.reports.current(tx, month);
    const waiver = await this.waivers.find(tx, month);
    const isReportFinal = report !== null && report.importedAt >= end;
    const sums = this.sumsOf(report ? await this.reports.variances(tx, month) : []);
    const isOpen = new Usd(sums.openUsd).gt(sums.allowedUsd);
    const blockedBy = isReportFinal ? isOpen && 'NOT_SETTLED' : !waiver?.approvedAt && 'REPORT_MISSING';
    return {
      month,
      needsReport: used,
      report,
      isReportFinal,
      waiver,
      ...sums,
      blockedBy: used && blockedBy ? blockedBy : null,
    };
  }

  private sumsOf(variances: readonly Variance[]) {
    const sum = (figure: (variance: Variance) => string, absolute = false) =>
      variances.reduce((total, variance) => {
        const usd = new Usd(figure(variance));
        return total.plus(absolute ? usd.abs() : usd);
      }, new Usd(0));
    const provider = sum(({ providerUsd }) => providerUsd);
    const share = provider.abs().times(this.limits.unexplainedPercent).div(100);
    return {
      providerUsd: provider.toFixed(),
      ourUsd: sum(({ ourUsd }) => ourUsd).toFixed(),
      openUsd: sum(({ openUsd }) => openUsd, true).toFixed(),
      allowedUsd: Usd.min(share, this.limits.unexplainedUsd).toFixed(),
    };
  }
}

const short = (usd: string): string => new Usd(usd).toDecimalPlaces(2, Usd.ROUND_UP).toFixed();
