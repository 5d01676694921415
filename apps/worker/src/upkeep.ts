import { Inject, Injectable } from '@nestjs/common';
import { AuditAnchors } from '#libs/audit';
import { ArchiveRunner } from '#libs/billing';
import { AdmissionDatabase } from '#libs/database';
import { ExportSweeper } from '#libs/exits';
import { DraftSweeper, HeldJobs, OwnerlessSweeper, ReservationSweeper, RetentionRound, StrandedJobs } from '#libs/jobs';
import { Clock, Rounds } from '#libs/kernel';
import { BudgetMails } from '#libs/metering';
import { MailDeliveries } from '#libs/notices';
import { Log } from '#libs/observability';
import { CityActivity, EndingMails } from '#libs/tenancy';
import { WORKER_CONFIG, type WorkerProcessConfig } from './worker-config.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What is done by the clock. Each of it may be done by several workers, and what failed is done the next time. */
@Injectable()
export class Upkeep {
  private readonly anchors: AuditAnchors;
  private readonly minutes = new Rounds();
  private readonly hours = new Rounds();
  private isStopping = false;

  constructor(
    @Inject(WORKER_CONFIG) private readonly config: WorkerProcessConfig['worker'],
    private readonly stranded: StrandedJobs,
    private readonly held: HeldJobs,
    private readonly activity: CityActivity,
    private readonly reservations: ReservationSweeper,
    private readonly archives: ArchiveRunner,
    private readonly exports: ExportSweeper,
    private readonly drafts: DraftSweeper,
    private readonly budgetMails: BudgetMails,
    private readonly endingMails: EndingMails,
    private readonly mails: MailDeliveries,
    private readonly retention: RetentionRound,
    private readonly ownerless: OwnerlessSweeper,
    private readonly log: Log,
    database: AdmissionDatabase,
    clock: Clock,
  ) {
    this.anchors = new AuditAnchors(database, clock, config.auditAnchorFile);
  }

  start(): void {
    this.minutes.start(MINUTE_MS, () => this.everyMinute());
    // At once too: a worker may be replaced before its first hour is over
    this.hours.start(HOUR_MS, () => this.everyHour(), 0);
  }

  /** Ends after what is being done; what would have come after it in this round is another worker's. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all([this.minutes.stop(), this.hours.stop()]);
  }

  /** Notes where the audit chains end outside of the database. */
  async anchor(): Promise<void> {
    try {
      const { regressed } = await this.anchors.anchorOnce();
      for (const tenantId of regressed) this.log.error('audit.chain-regressed', { tenantId });
    } catch (error) {
      this.log.warn('audit.anchoring-failed', { error });
    }
  }

  private async everyMinute(): Promise<void> {
    await this.anchor();
    await this.attempt('jobs.stranded-not-ended', () => this.stranded.end());
    await this.attempt('jobs.held-not-ended', () => this.held.endOfPastMonths());
    await this.attempt('cities.not-summed-up', () => this.activity.refresh());
    await this.attempt('reservations.not-swept', () => this.reservations.sweep());
    await this.attempt('invoice-archives.not-swept', () => this.archives.sweep());
    await this.attempt('exports.not-swept', () => this.exports.sweep());
    await this.attempt('budgets.not-mailed', () => this.budgetMails.write());
    await this.attempt('batches.drafts-not-swept', () => this.drafts.sweep(this.config.draftDays));
  }

  /** Once a day would do, as time is over by the day: an hour is how late a day may begin. */
  private async everyHour(): Promise<void> {
    await this.attempt('endings.not-mailed', () => this.endingMails.write());
    await this.attempt('mails.not-erased', () => this.mails.eraseOver());
    await this.attempt('mails.not-forgotten', () => this.mails.forgetOver(this.config.mailRecordDays));
    await this.attempt('retention.not-swept', () => this.retention.run());
    await this.attempt('ownerless.not-swept', () => this.ownerless.sweep());
  }

  private async attempt(failure: string, work: () => Promise<unknown>): Promise<void> {
    if (this.isStopping) return;
    await work().catch((error: unknown) => this.log.warn(failure, { error }));
  }
}
