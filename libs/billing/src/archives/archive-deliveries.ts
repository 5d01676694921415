import { Injectable } from '@nestjs/common';
import { FinanceDatabase } from '#libs/database';
import { Log } from '#libs/observability';
import { INVOICE_ARCHIVES, type Producer, QueueHost } from '#libs/queue';

const INTERVAL_MS = 5_000;

interface ArchiveDelivery {
  readonly archiveId: string;
  readonly delivery: number;
}

/** Archives that nobody is at: who prints says so every few files. Should he be slow and not dead, two print the same. */
const TAKE_LOST = `
  UPDATE invoice_archives a SET deliveries = a.deliveries + 1, touched_at = clock_timestamp()
  FROM (SELECT month FROM invoice_archives WHERE state = 'running' AND touched_at < clock_timestamp() - interval '15 s'
        FOR UPDATE SKIP LOCKED) lost
  WHERE a.month = lost.month RETURNING a.id AS "archiveId", a.deliveries AS delivery`;

/** Hands archives to the queue: at once when one is asked for, and again when the process that worked on it died. */
@Injectable()
export class ArchiveDeliveries {
  private readonly producer: Producer<ArchiveDelivery>;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    queues: QueueHost,
    private readonly database: FinanceDatabase,
    private readonly log: Log,
  ) {
    this.producer = queues.producer(INVOICE_ARCHIVES);
  }

  /** Never fails: what does not reach the queue is delivered by the next look at the rows. */
  async deliver(...deliveries: ArchiveDelivery[]): Promise<void> {
    if (deliveries.length === 0) return;
    await this.producer
      .add(deliveries)
      .catch((error: unknown) => this.log.warn('invoice-archive.not-delivered', { error }));
  }

  start(): void {
    this.timer = setInterval(
      () =>
        void this.deliverLost().catch((error: unknown) => this.log.warn('invoice-archives.round-failed', { error })),
      INTERVAL_MS,
    );
  }

  stop(): void {
    clearInterval(this.timer);
  }

  async deliverLost(): Promise<void> {
    await this.deliver(...(await this.database.query<ArchiveDelivery>(TAKE_LOST)));
  }
}
