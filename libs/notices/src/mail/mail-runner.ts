import { Inject, Injectable } from '@nestjs/common';
import type { SmtpConfig } from '#libs/config';
import { ContentSeal, TenantDatabase, type TenantScope, type TenantTransaction } from '#libs/database';
import { Clock, type TenantId } from '#libs/kernel';
import { Log, Metrics } from '#libs/observability';
import { bodyPlace } from './body-place.ts';
import { masked } from './masked-address.ts';
import { type MailKind, TOPIC_OF } from './mail-kinds.ts';
import { MAIL_OUTCOMES, type MailAnswer, type MailOutcome, MailTransport } from './mail-transport.ts';

export const SMTP_CONFIG = Symbol('SmtpConfig');

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
/** How long to rest after each try. A mail that got through none is given up: by then the portal has told everybody. */
const PAUSES_MS = [1, 5, 15, 60, 240, 240].map((minutes) => minutes * MINUTE_MS);
/** How long operations can have a mail sent again that was given up; an invitation lives no longer either. */
const RESENT_WITHIN_MS = 14 * DAY_MS;

interface Claimed {
  readonly kind: MailKind;
  readonly subject: string;
  readonly body: string | null;
  readonly sealed: Buffer | null;
  readonly createdAt: Date;
  readonly tries: number;
  readonly memberId: string;
}

/** Sends one mail: takes it, so that nobody else does before the next pause is over, hands it to the relay, and says how it went. */
@Injectable()
export class MailRunner {
  private readonly transport: MailTransport | null;
  private readonly tries;

  constructor(
    @Inject(SMTP_CONFIG) config: SmtpConfig | null,
    private readonly database: TenantDatabase,
    private readonly seals: ContentSeal,
    private readonly clock: Clock,
    private readonly log: Log,
    metrics: Metrics,
  ) {
    this.transport = config && new MailTransport(config);
    this.tries = metrics.counter('moyai_mail_tries_total', 'Mails handed to the relay, by what came of it', [
      'outcome',
    ]);
    // An alarm compares them, and what was never told is not nothing.
    for (const outcome of MAIL_OUTCOMES) this.tries.inc({ outcome }, 0);
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
    const { to, subject, createdAt, tries } = taken;
    const answer = await this.transport.send({ id, to, subject, createdAt, body: await this.bodyOf(scope, id, taken) });
    this.tries.inc({ outcome: answer.outcome });
    if (answer.outcome !== 'sent') this.log.warn('mail.not-sent', { mailId: id, ...answer, tries });
    const isLast = tries >= PAUSES_MS.length;
    await this.database.run(scope, async (tx) => {
      await this.note(tx, id, masked(to), answer);
      if (answer.outcome !== 'later') await this.finish(tx, id, answer.outcome);
      else if (isLast) await this.finish(tx, id, 'unreachable');
    });
  }

  private async bodyOf(scope: TenantScope, id: string, { body, sealed }: Claimed): Promise<string> {
    if (!sealed) return body ?? '';
    return (await this.seals.forTenant(scope)).open(bodyPlace(id), sealed);
  }

  /** Null: not its time yet, taken by another, finished, or nobody to send it to. */
  private async take(tx: TenantTransaction, id: string): Promise<(Claimed & { to: string }) | null> {
    const now = this.clock.now();
    const [mail] = await tx.query<Claimed>(
      `UPDATE mails SET tries = tries + 1, last_tried_at = $2::timestamptz,
         not_before = $2::timestamptz + ($3::bigint[])[least(tries + 1, cardinality($3))] * interval '1 ms'
       WHERE id = $1 AND state = 'waiting' AND not_before <= $2
       RETURNING kind, subject, body, body_sealed AS sealed, created_at AS "createdAt", tries, member_id AS "memberId"`,
      [id, now, PAUSES_MS],
    );
    if (!mail) return null;
    const [member] = await tx.query<{ to: string }>(
      `SELECT mail_address AS to FROM members m WHERE id = $1 AND status = 'active' AND mail_address IS NOT NULL
         AND (expires_on IS NULL OR expires_on::timestamp AT TIME ZONE 'Asia/Tokyo' > $2)
         AND NOT EXISTS (SELECT FROM mail_refusals r
           WHERE r.tenant_id = m.tenant_id AND r.member_id = m.id AND r.topic = $3::text)`,
      [mail.memberId, now, TOPIC_OF[mail.kind]],
    );
    if (member) return { ...mail, to: member.to };
    await this.finish(tx, id, 'dropped');
    return null;
  }

  /** What operations see of a try. */
  private async note(tx: TenantTransaction, id: string, address: string, { code }: MailAnswer): Promise<void> {
    await tx.query('UPDATE mails SET address_masked = $2, relay_code = $3 WHERE id = $1', [id, address, code]);
  }

  /** What went, or has nobody to go to, is erased of its words at once; what was given up keeps them for a while. */
  private async finish(
    tx: TenantTransaction,
    id: string,
    end: Exclude<MailOutcome, 'later'> | 'unreachable' | 'dropped',
  ): Promise<void> {
    const now = this.clock.now();
    if (end === 'sent' || end === 'dropped')
      await tx.query(
        `UPDATE mails SET state = $2, finished_at = $3, subject = NULL, body = NULL, body_sealed = NULL
         WHERE id = $1 AND state = 'waiting'`,
        [id, end, now],
      );
    else
      await tx.query(
        `UPDATE mails SET state = 'failed', reason = $2, finished_at = $3, erase_at = $4 WHERE id = $1 AND state = 'waiting'`,
        [id, end, now, new Date(now.getTime() + RESENT_WITHIN_MS)],
      );
  }
}
