import { Injectable } from '@nestjs/common';
import { AdmissionDatabase } from '#libs/database';
import { Clock } from '#libs/kernel';
import { Log } from '#libs/observability';
import { MAILS_SEND, type MailDelivery, type Producer, QueueHost } from '#libs/queue';
import { MailRunner } from './mail-runner.ts';

const INTERVAL_MS = 5_000;
/** At a round: what a relay takes in a few seconds, so that a maintenance for all cities does not crowd the queue. */
const AT_ONCE = 100;

/** What is due and not with the queue, or has been with it for so long that it must have been lost there. */
const TAKE_DUE = `
  UPDATE mails m SET deliveries = m.deliveries + 1, delivered_at = $1
  FROM (SELECT tenant_id, id FROM mails
        WHERE state = 'waiting' AND not_before <= $1
          AND (delivered_at IS NULL OR delivered_at < not_before OR delivered_at < $1::timestamptz - interval '10 min')
        ORDER BY not_before LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED) due
  WHERE m.tenant_id = due.tenant_id AND m.id = due.id
  RETURNING m.tenant_id AS "tenantId", m.id AS "mailId", m.deliveries AS delivery`;

const ERASE = `UPDATE mails SET subject = NULL, body = NULL, body_sealed = NULL, erase_at = NULL WHERE erase_at <= $1`;

/** Rows of one statement. */
const FORGOTTEN_AT_ONCE = 5_000;
const FORGET = `
  WITH gone AS (
    DELETE FROM mails m USING (SELECT tenant_id, id FROM mails WHERE finished_at < $1 ORDER BY finished_at
      LIMIT ${FORGOTTEN_AT_ONCE} FOR UPDATE SKIP LOCKED) over
    WHERE m.tenant_id = over.tenant_id AND m.id = over.id RETURNING 1)
  SELECT count(*)::integer AS count FROM gone`;
const DAY_MS = 24 * 3_600_000;

/** Hands due mails to the queue: new ones, those to be tried again, and those whose entry was lost. It sees no words of them. */
@Injectable()
export class MailDeliveries {
  private readonly producer: Producer<MailDelivery>;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    queues: QueueHost,
    private readonly runner: MailRunner,
    private readonly database: AdmissionDatabase,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.producer = queues.producer(MAILS_SEND);
  }

  start(): void {
    if (!this.runner.isOn) return;
    this.timer = setInterval(
      () => void this.deliverDue().catch((error: unknown) => this.log.warn('mails.round-failed', { error })),
      INTERVAL_MS,
    );
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** @returns how many were handed over */
  async deliverDue(): Promise<number> {
    const due = await this.database.query<MailDelivery>(TAKE_DUE, [this.clock.now()]);
    if (due.length > 0) await this.producer.add(due);
    return due.length;
  }

  /** Takes the words of what was given up long ago, and can be sent again no more. Also where the relay was taken away. */
  async eraseOver(): Promise<void> {
    await this.database.query(ERASE, [this.clock.now()]);
  }

  /** Forgets that mails were sent or given up. @param days since then; @returns how many are forgotten */
  async forgetOver(days: number): Promise<number> {
    const before = new Date(this.clock.now().getTime() - days * DAY_MS);
    let forgotten = 0;
    for (let more = FORGOTTEN_AT_ONCE; more === FORGOTTEN_AT_ONCE; forgotten += more) {
      const [gone] = await this.database.query<{ count: number }>(FORGET, [before]);
      more = gone!.count;
    }
    return forgotten;
  }
}
