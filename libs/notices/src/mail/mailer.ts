import { Inject, Injectable } from '@nestjs/common';
import type { MailConfig } from '#libs/config';
import type { CrossTenantTransaction } from '#libs/database';
import { Clock } from '#libs/kernel';

export const MAIL_CONFIG = Symbol('MailConfig');

export type MailKind = 'content-access.asked' | 'maintenance.announced' | 'maintenance.withdrawn';

/** A notice in plain text. It leaves the city's network: it says that there is something to see, never what people wrote. */
export interface Mail {
  readonly kind: MailKind;
  /** The cities whose administrators get it, each of them one of their own; null: all cities. */
  readonly adminsOf: readonly string[] | null;
  /** One line. */
  readonly subject: string;
  readonly body: string;
}

export interface MailCounts {
  readonly isOn: boolean;
  readonly waiting: number;
  /** Given up within {@link FAILURES_SHOWN_DAYS}, by why. */
  readonly rejected: number;
  readonly unreachable: number;
}

export const FAILURES_SHOWN_DAYS = 30;

// Whoever has no address is left out when it is sent: the vendor's roles cannot read who has one.
const ENQUEUE = `
  INSERT INTO mails (tenant_id, id, member_id, kind, subject, body, created_at, not_before)
  SELECT m.tenant_id, gen_random_uuid(), m.id, $1, $2, $3, $5, $5
  FROM members m JOIN tenants t ON t.id = m.tenant_id
  WHERE m.role = 'admin' AND m.status = 'active' AND t.status IN ('active', 'frozen')
    AND ($4::uuid[] IS NULL OR t.id = ANY ($4))`;

/** Writes mails down beside the fact they tell of, in its transaction; the worker sends them. Off, it writes nothing. */
@Injectable()
export class Mailer {
  constructor(
    @Inject(MAIL_CONFIG) private readonly config: MailConfig,
    private readonly clock: Clock,
  ) {}

  /** @throws when the subject is not one line of at most 200 characters: the database refuses it, and the fact with it */
  async enqueue(tx: CrossTenantTransaction, { kind, adminsOf, subject, body }: Mail): Promise<void> {
    if (!this.config.isOn) return;
    await tx.query(ENQUEUE, [kind, subject, body, adminsOf, this.clock.now()]);
  }

  async counts(tx: CrossTenantTransaction): Promise<MailCounts> {
    const [counts] = await tx.query<Omit<MailCounts, 'isOn'>>(
      `SELECT count(*) FILTER (WHERE state = 'waiting')::integer AS waiting,
         count(*) FILTER (WHERE reason IN ('rejected', 'address'))::integer AS rejected,
         count(*) FILTER (WHERE reason = 'unreachable')::integer AS unreachable
       FROM mails WHERE state = 'waiting' OR (state = 'failed' AND created_at > $1::timestamptz - make_interval(days => $2))`,
      [this.clock.now(), FAILURES_SHOWN_DAYS],
    );
    return { isOn: this.config.isOn, ...counts! };
  }
}
