import { Inject, Injectable } from '@nestjs/common';
import { ArchiveDeliveries, CloseDeliveries } from '#libs/billing';
import { ExitDeliveries, KeyRenewal } from '#libs/exits';
import { LeaseKeeper, LostCallReconciler, PoolSampler, Reconciler, StreamHub } from '#libs/jobs';
import { Deadline } from '#libs/kernel';
import { MailDeliveries } from '#libs/notices';
import { Log } from '#libs/observability';
import { RosterRunner } from '#libs/roster';
import { Deliveries } from './deliveries.ts';
import { Upkeep } from './upkeep.ts';
import { WORKER_CONFIG, type WorkerProcessConfig } from './worker-config.ts';

/** Brings everything a worker does up in the order in which one needs the other, and down again. */
@Injectable()
export class Worker {
  private renewal = Promise.resolve();

  constructor(
    @Inject(WORKER_CONFIG) private readonly config: WorkerProcessConfig['worker'],
    private readonly hub: StreamHub,
    private readonly leases: LeaseKeeper,
    private readonly deliveries: Deliveries,
    private readonly upkeep: Upkeep,
    private readonly reconciler: Reconciler,
    private readonly lostCalls: LostCallReconciler,
    private readonly sampler: PoolSampler,
    private readonly roster: RosterRunner,
    private readonly closeDeliveries: CloseDeliveries,
    private readonly archiveDeliveries: ArchiveDeliveries,
    private readonly mailDeliveries: MailDeliveries,
    private readonly exitDeliveries: ExitDeliveries,
    private readonly keyRenewal: KeyRenewal,
    private readonly log: Log,
  ) {}

  async start(): Promise<void> {
    const { concurrency, leaseMs, lostCallHorizonMs, streamHost, streamPort, streamSecret } = this.config;
    const port = await this.hub.listen({ host: streamHost, port: streamPort, secret: streamSecret });
    this.leases.start(leaseMs);
    await this.upkeep.anchor();
    this.reconciler.start();
    this.lostCalls.start(lostCallHorizonMs);
    this.sampler.start();
    this.closeDeliveries.start();
    this.archiveDeliveries.start();
    this.mailDeliveries.start();
    this.roster.start();
    this.exitDeliveries.start();
    this.upkeep.start();
    this.renewal = this.renewKeys();
    // Last: who is told to stop before this has nothing to hand over.
    await this.deliveries.start({ address: `${streamHost}:${port}`, leaseMs }, concurrency);
  }

  private async renewKeys(): Promise<void> {
    await this.keyRenewal.run().catch((error: unknown) => this.log.error('keys.not-rewrapped', { error }));
  }

  /** Takes nothing new, finishes what it can within the bound and hands the rest over at once. */
  async drain(): Promise<void> {
    const deadline = new Deadline(this.config.drainMs);
    this.closeDeliveries.stop();
    this.archiveDeliveries.stop();
    this.mailDeliveries.stop();
    this.exitDeliveries.stop();
    // Together: rounds that wait for a slow provider hold up nothing, least of all the end of taking work.
    const parts = [
      this.deliveries.close(),
      this.renewal,
      ...[this.upkeep, this.reconciler, this.lostCalls, this.sampler, this.roster].map((rounds) => rounds.stop()),
    ];
    await deadline.orGoOn(Promise.all(parts));
    deadline.end();
    this.leases.stop();
    await this.leases.surrender().catch((error: unknown) => this.log.warn('leases.not-surrendered', { error }));
    await this.upkeep.anchor();
    await this.hub.close();
  }
}
