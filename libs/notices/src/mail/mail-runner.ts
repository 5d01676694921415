import { Inject, Injectable } from '@nestjs/common';
import type { SmtpConfig } from '#libs/config';
import { TenantDatabase, type TenantTransaction } from '#libs/database';
import { Clock, type TenantId } from '#libs/kernel';
import { Log } from '#libs/observability';
import { type MailOutcome, MailTransport, type OutgoingMail } from './mail-transport.ts';

export const SMTP_CONFIG = Symbol('SmtpConfig');

const MINUTE_MS = 60_000;
/** How long to rest after each try. A mail that got through none is given up: by then the portal has told everybody. */
const PAUSES_MS = [1, 5, 15, 60, 240, 240].map((minutes) => minutes * MINUTE_MS);

interface Claimed {
  readonly subject: string;
  readonly body: string;
  readonly createdAt: Date;
  readonly tries: number;
  readonly memberId: string;
}

/** Sends one mail: takes it, so that nobody else does before the next pause is over, hands it to the relay, and says how it went. */
@Injectable()
export class MailRunner {
  private readonly transport: MailTransport | null;

  constructor(
    @Inject(SMTP_CONFIG) config: SmtpConfig | null,
    private readonly database: TenantDatabase,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.transport = config && new MailTransport(config);
  }

  /** Whether there is a relay to hand mails to. */
  get isOn(): boolean {
    return this.transport !== null;
  }

  async send(tenantId: TenantId, id: string): Promise<void> {
    if (!this.transport) return;
    // A mail belongs to a member, and members to no network.
    const scope = { tenantId, segment: 'lgwan' } as const;
    const taken = await this.database.run(scope, (tx) => this.take(tx, id));
    if (!taken) return;
    const { outcome, code } = await this.transport.send(taken.mail);
    if (outcome !== 'sent') this.log.warn('mail.not-sent', { mailId: id, outcome, code, tries: taken.tries });
    const isLast = taken.tries >= PAUSES_MS.length;
    if (outcome === 'later' && !isLast) return;
    await this.database.run(scope, (tx) => this.finish(tx, id, outcome === 'later' ? 'unreachable' : outcome));
  }

  /** Null: not its time yet, taken by another, finished, or nobody to send it to. */
  private async take(tx: TenantTransaction, id: string): Promise<{ mail: OutgoingMail; tries: number } | null> {
    const now = this.clock.now();
    const [mail] = await tx.query<Claimed>(
      `UPDATE mails SET tries = tries + 1, not_before = $2::timestamptz + ($3::bigint[])[least(tries + 1, cardinality($3))] * interval '1 ms'
       WHERE id = $1 AND state = 'waiting' AND not_before <= $2
       RETURNING subject, body, created_at AS "createdAt", tries, member_id AS "memberId"`,
      [id, now, PAUSES_MS],
    );
    if (!mail) return null;
    const [member] = await tx.query<{ to: string }>(
      `SELECT mail_address AS to FROM members WHERE id = $1 AND status = 'active' AND mail_address IS NOT NULL
         AND (expires_on IS NULL OR expires_on::timestamp AT TIME ZONE 'Asia/Tokyo' > $2)`,
      [mail.memberId, now],
    );
    const { subject, body, createdAt, tries } = mail;
    if (member) return { mail: { id, to: member.to, subject, body, createdAt }, tries };
    await this.finish(tx, id, 'dropped');
    return null;
  }

  /** With its words erased: what is kept is that it went, or why it did not. */
  private async finish(
    tx: TenantTransaction,
    id: string,
    end: Exclude<MailOutcome, 'later'> | 'unreachable' | 'dropped',
  ): Promise<void> {
    const state = end === 'sent' || end === 'dropped' ? end : 'failed';
    await tx.query(
      `UPDATE mails SET state = $2, reason = $3, finished_at = $4, subject = NULL, body = NULL
       WHERE id = $1 AND state = 'waiting'`,
      [id, state, state === 'failed' ? end : null, this.clock.now()],
    );
  }
}
