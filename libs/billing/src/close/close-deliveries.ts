import { Injectable } from '@nestjs/common';
import { FinanceDatabase } from '#libs/database';
import type { JstMonth } from '#libs/kernel';
import { Log } from '#libs/observability';
import { BILLING_CLOSE, type Producer, QueueHost } from '#libs/queue';

const INTERVAL_MS = 5_000;

/**
 * Closes that nobody is at: whoever works on one holds its row. Half an interval old, so that one just begun reaches the
 * queue by the hand that began it.
 */
const TAKE_LOST = `
  UPDATE billing_periods p SET deliveries = p.deliveries + 1, touched_at = clock_timestamp()
  FROM (SELECT month FROM billing_periods WHERE state = 'closing' AND fault IS NULL
          AND touched_at < clock_timestamp() - interval '5 s' FOR UPDATE SKIP LOCKED) lost
  WHERE p.month = lost.month RETURNING to_char(p.month, 'YYYY-MM') AS month, p.deliveries AS delivery`;

/** Hands closes to the queue: at once when one is begun, and again when the process that worked on it died. */
@Injectable()
export class CloseDeliveries {
  private readonly producer: Producer<{ month: JstMonth; delivery: number }>;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    queues: QueueHost,
    private readonly database: FinanceDatabase,
    private readonly log: Log,
  ) {
    this.producer = queues.producer(BILLING_CLOSE);
  }

  /** Never fails: what does not reach the queue is delivered by the next look at the rows. */
  async deliver(month: JstMonth, delivery: number): Promise<void> {
    await this.producer
      .add([{ month, delivery }])
      .catch((error: unknown) => this.log.warn('close.not-delivered', { error }));
  }

  start(): void {
    this.timer = setInterval(
      () => void this.deliverLost().catch((error: unknown) => this.log.warn('close.round-failed', { error })),
      INTERVAL_MS,
    );
  }

  stop(): void {
    clearInterval(this.timer);
  }

  async deliverLost(): Promise<void> {
    const lost = await this.database.query<{ month: JstMonth; delivery: number }>(TAKE_LOST);
    for (const { month, delivery } of lost) await this.deliver(month, delivery);
  }
}
