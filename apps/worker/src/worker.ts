import { Inject, Injectable } from '@nestjs/common';
import { AuditAnchors } from '#libs/audit';
import { CloseDeliveries, CloseRunner } from '#libs/billing';
import { AdmissionDatabase } from '#libs/database';
import { ExitDeliveries, ExitRunner, ExportRunner, ExportSweeper, KeyRenewal } from '#libs/exits';
import {
  DraftSweeper,
  HeldJobs,
  JobRunner,
  LeaseKeeper,
  LostCallReconciler,
  OwnerlessSweeper,
  PoolSampler,
  Reconciler,
  ReservationSweeper,
  RetentionSweeper,
  StrandedJobs,
  StreamHub,
} from '#libs/jobs';
import { Clock } from '#libs/kernel';
import { Log } from '#libs/observability';
import { MailDeliveries, MailRunner } from '#libs/notices';
import { BILLING_CLOSE, type Consumer, EXITS_RUN, EXPORTS_RUN, JOBS_RUN, MAILS_SEND, QueueHost } from '#libs/queue';
import { CityActivity } from '#libs/tenancy';
import { RosterRunner } from '#libs/roster';
import type { WorkerProcessConfig } from './worker-config.ts';

export const WORKER_CONFIG = Symbol('WorkerConfig');

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Conversations with the relay at a time. */
const MAILS_AT_ONCE = 4;

/** Takes deliveries from the queue, keeps what it runs leased, and looks after what got lost elsewhere. */
@Injectable()
export class Worker {
  private readonly anchors: AuditAnchors;
  private minuteTimer: NodeJS.Timeout | undefined;
  private hourTimer: NodeJS.Timeout | undefined;
  private consumers: Consumer[] = [];

  constructor(
    @Inject(WORKER_CONFIG) private readonly config: WorkerProcessConfig['worker'],
    private readonly runner: JobRunner,
    private readonly leases: LeaseKeeper,
    private readonly reconciler: Reconciler,
    private readonly stranded: StrandedJobs,
    private readonly reservations: ReservationSweeper,
    private readonly lostCalls: LostCallReconciler,
    private readonly sampler: PoolSampler,
    private readonly drafts: DraftSweeper,
    private readonly held: HeldJobs,
    private readonly activity: CityActivity,
    private readonly retention: RetentionSweeper,
    private readonly ownerless: OwnerlessSweeper,
    private readonly closes: CloseRunner,
    private readonly closeDeliveries: CloseDeliveries,
    private readonly mails: MailRunner,
    private readonly mailDeliveries: MailDeliveries,
    private readonly roster: RosterRunner,
    private readonly exits: ExitRunner,
    private readonly exports: ExportRunner,
    private readonly exitDeliveries: ExitDeliveries,
    private readonly exportSweeper: ExportSweeper,
    private readonly keyRenewal: KeyRenewal,
    private readonly hub: StreamHub,
    private readonly queues: QueueHost,
    private readonly log: Log,
    database: AdmissionDatabase,
    clock: Clock,
  ) {
    this.anchors = new AuditAnchors(database, clock, config.auditAnchorFile);
  }

  async start(): Promise<void> {
    const { concurrency, leaseMs, streamHost, streamPort, streamSecret } = this.config;
    const port = await this.hub.listen({ host: streamHost, port: streamPort, secret: streamSecret });
    const identity = { address: `${streamHost}:${port}`, leaseMs };
    this.leases.start(leaseMs);
    const onError = (error: Error) => this.log.warn('queue.consumer-error', { error });
    this.consumers = await Promise.all([
      this.queues.consume(JOBS_RUN, concurrency, (delivery) => this.runner.run(delivery, identity), onError),
      this.queues.consume(BILLING_CLOSE, 1, ({ month }) => this.closes.run(month), onError),
      this.queues.consume(
        EXPORTS_RUN,
        1,
        ({ tenantId, segment, exportId }) => this.exports.run({ tenantId, segment }, exportId),
        onError,
      ),
      this.queues.consume(EXITS_RUN, 1, ({ tenantId, exitId }) => this.exits.run(tenantId, exitId), onError),
      this.queues.consume(
        MAILS_SEND,
        MAILS_AT_ONCE,
        ({ tenantId, mailId }) => this.mails.send(tenantId, mailId),
        onError,
      ),
    ]);
    await this.anchor();
    this.reconciler.start();
    this.lostCalls.start(this.config.lostCallHorizonMs);
    this.sampler.start();
    this.closeDeliveries.start();
    this.mailDeliveries.start();
    this.roster.start();
    this.exitDeliveries.start();
    await this.keyRenewal.run().catch((error: unknown) => this.log.error('keys.not-rewrapped', { error }));
    this.minuteTimer = setInterval(() => void this.everyMinute(), MINUTE_MS);
    // At once too: a worker may be replaced before its first hour is over
    void this.eraseWhatIsOver();
    this.hourTimer = setInterval(() => void this.eraseWhatIsOver(), HOUR_MS);
  }

  /** Takes nothing new, finishes what it can within the bound and hands the rest over at once. */
  async drain(): Promise<void> {
    clearInterval(this.minuteTimer);
    clearInterval(this.hourTimer);
    this.closes.stop();
    this.closeDeliveries.stop();
    this.exits.stop();
    this.exports.stop();
    this.exitDeliveries.stop();
    this.mailDeliveries.stop();
    await Promise.all([this.reconciler.stop(), this.lostCalls.stop(), this.sampler.stop(), this.roster.stop()]);
    const finished = Promise.all(this.consumers.map((consumer) => consumer.close()));
    let bound: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (bound = setTimeout(resolve, this.config.drainMs)));
    await Promise.race([finished.catch((error: unknown) => this.log.warn('worker.drain-failed', { error })), late]);
    clearTimeout(bound);
    this.leases.stop();
    await this.leases.surrender().catch((error: unknown) => this.log.warn('leases.not-surrendered', { error }));
    await this.anchor();
    await this.hub.close();
  }

  private async everyMinute(): Promise<void> {
    await this.anchor();
    await this.stranded.end().catch((error: unknown) => this.log.warn('jobs.stranded-not-ended', { error }));
    await this.held.endOfPastMonths().catch((error: unknown) => this.log.warn('jobs.held-not-ended', { error }));
    await this.activity.refresh().catch((error: unknown) => this.log.warn('cities.not-summed-up', { error }));
    await this.reservations.sweep().catch((error: unknown) => this.log.warn('reservations.not-swept', { error }));
    await this.exportSweeper.sweep().catch((error: unknown) => this.log.warn('exports.not-swept', { error }));
    await this.drafts
      .sweep(this.config.draftDays)
      .catch((error: unknown) => this.log.warn('batches.drafts-not-swept', { error }));
  }

  /** Once a day would do, as time is over by the day: an hour is how late a day may begin. */
  private async eraseWhatIsOver(): Promise<void> {
    await this.retention.sweep().catch((error: unknown) => this.log.warn('retention.not-swept', { error }));
    await this.ownerless.sweep().catch((error: unknown) => this.log.warn('ownerless.not-swept', { error }));
  }

  private async anchor(): Promise<void> {
    try {
      const { regressed } = await this.anchors.anchorOnce();
      for (const tenantId of regressed) this.log.error('audit.chain-regressed', { tenantId });
    } catch (error) {
      this.log.warn('audit.anchoring-failed', { error });
    }
  }
}
