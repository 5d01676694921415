import { Injectable } from '@nestjs/common';
import { ArchiveRunner, CloseRunner } from '#libs/billing';
import { ExitRunner, ExportRunner } from '#libs/exits';
import { JobRunner, type WorkerIdentity } from '#libs/jobs';
import { MailRunner } from '#libs/notices';
import { Log, Metrics } from '#libs/observability';
import {
  BILLING_CLOSE,
  type Consumer,
  EXITS_RUN,
  EXPORTS_RUN,
  INVOICE_ARCHIVES,
  JOBS_RUN,
  MAILS_SEND,
  QueueHost,
} from '#libs/queue';

/** Conversations with the relay at a time. */
const MAILS_AT_ONCE = 4;

/** Takes what the queues deliver and hands each to who does it: the one processor of every queue. */
@Injectable()
export class Deliveries {
  private consumers: Consumer[] = [];
  private readonly places;

  constructor(
    private readonly jobs: JobRunner,
    private readonly closes: CloseRunner,
    private readonly archives: ArchiveRunner,
    private readonly exports: ExportRunner,
    private readonly exits: ExitRunner,
    private readonly mails: MailRunner,
    private readonly queues: QueueHost,
    private readonly log: Log,
    metrics: Metrics,
  ) {
    this.places = metrics.gauge('moyai_worker_places', 'Jobs this worker may run at once');
  }

  /** @param concurrency jobs at a time */
  async start(identity: WorkerIdentity, concurrency: number): Promise<void> {
    const onError = (error: Error) => this.log.warn('queue.consumer-error', { error });
    const { queues } = this;
    this.consumers = await Promise.all([
      queues.consume(JOBS_RUN, concurrency, (delivery) => this.jobs.run(delivery, identity), onError),
      queues.consume(BILLING_CLOSE, 1, ({ month }) => this.closes.run(month), onError),
      queues.consume(INVOICE_ARCHIVES, 1, ({ archiveId }) => this.archives.run(archiveId), onError),
      queues.consume(
        EXPORTS_RUN,
        1,
        ({ tenantId, segment, exportId }) => this.exports.run({ tenantId, segment }, exportId),
        onError,
      ),
      queues.consume(EXITS_RUN, 1, ({ tenantId, exitId }) => this.exits.run(tenantId, exitId), onError),
      queues.consume(MAILS_SEND, MAILS_AT_ONCE, ({ tenantId, mailId }) => this.mails.send(tenantId, mailId), onError),
    ]);
    this.places.set(concurrency);
  }

  /**
   * Takes nothing new from now on, and waits for what is running, however long. Work that takes longer than a worker may take
   * to end stops at its next step; another worker goes on with it.
   */
  async close(): Promise<void> {
    this.places.set(0);
    for (const long of [this.closes, this.archives, this.exits, this.exports]) long.stop();
    const finished = Promise.all(this.consumers.map((consumer) => consumer.close()));
    await finished.catch((error: unknown) => this.log.warn('worker.drain-failed', { error }));
  }
}
