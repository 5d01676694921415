import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import { type CrossTenantTransaction, refusedWith } from '#libs/database';
import { Clock, DomainError, type TenantId, VENDOR_TENANT_ID } from '#libs/kernel';
import type { MailKind } from './mail-kinds.ts';
import { Mailer } from './mailer.ts';

export const MAIL_STATES = ['waiting', 'sent', 'failed', 'dropped'] as const;
export type MailState = (typeof MAIL_STATES)[number];

/** Why a mail was given up. */
export const MAIL_FAULTS = ['rejected', 'unreachable', 'address'] as const;
export type MailFault = (typeof MAIL_FAULTS)[number];

/** A mail as operations see it: how it fares, without its words and without whom it is for. */
export interface MailRecord {
  readonly id: string;
  readonly city: { readonly id: TenantId; readonly code: string; readonly name: string };
  readonly kind: MailKind;
  readonly state: MailState;
  readonly reason: MailFault | null;
  /** Of the last try: an SMTP code (`451`) or that of the fault on the way (`ETIMEDOUT`). */
  readonly relayCode: string | null;
  /** As in `k***@city.example.lg.jp`; null before the first try. */
  readonly address: string | null;
  readonly tries: number;
  readonly createdAt: Date;
  readonly lastTriedAt: Date | null;
  /** Of one that waits. */
  readonly nextTryAt: Date | null;
  /** Until when one that was given up may be sent again. */
  readonly resendUntil: Date | null;
}

export interface MailCounts {
  readonly isOn: boolean;
  readonly waiting: number;
  /** Given up within {@link FAILURES_SHOWN_DAYS}, by why. */
  readonly rejected: number;
  readonly unreachable: number;
}

export const FAILURES_SHOWN_DAYS = 30;

const CHECK_VIOLATION = '23514';

const RECORD = `SELECT m.id, json_build_object('id', t.id, 'code', t.code, 'name', t.name) AS city, m.kind, m.state, m.reason,
    m.relay_code AS "relayCode", m.address_masked AS address, m.tries, m.created_at AS "createdAt",
    m.last_tried_at AS "lastTriedAt", CASE m.state WHEN 'waiting' THEN m.not_before END AS "nextTryAt",
    CASE WHEN m.erase_at > $1 THEN m.erase_at END AS "resendUntil"
  FROM mails m JOIN tenants t ON t.id = m.tenant_id`;

/** The vendor's view of what is mailed. Works with the ops role, which reads no words and no address. */
@Injectable()
export class MailOutbox {
  constructor(
    private readonly mailer: Mailer,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** One page, newest first. @param page.before id of the last mail of the page before */
  list(
    tx: CrossTenantTransaction,
    state: MailState | null,
    { before, limit }: { before: string | null; limit: number },
  ): Promise<MailRecord[]> {
    return tx.query<MailRecord>(
      `${RECORD} WHERE ($2::text IS NULL OR m.state = $2)
         AND ($3::uuid IS NULL OR (m.created_at, m.id) < (SELECT last.created_at, last.id FROM mails last WHERE last.id = $3))
       ORDER BY m.created_at DESC, m.id DESC LIMIT $4`,
      [this.clock.now(), state, before, limit],
    );
  }

  async counts(tx: CrossTenantTransaction): Promise<MailCounts> {
    const [counts] = await tx.query<Omit<MailCounts, 'isOn'>>(
      `SELECT count(*) FILTER (WHERE state = 'waiting')::integer AS waiting,
         count(*) FILTER (WHERE reason IN ('rejected', 'address'))::integer AS rejected,
         count(*) FILTER (WHERE reason = 'unreachable')::integer AS unreachable
       FROM mails WHERE state = 'waiting' OR (state = 'failed' AND created_at > $1::timestamptz - make_interval(days => $2))`,
      [this.clock.now(), FAILURES_SHOWN_DAYS],
    );
    return { isOn: this.mailer.isOn, ...counts! };
  }

  /**
   * Has one that was given up tried again, from the first try on, at once.
   * @throws DomainError REQUEST.NOT_FOUND; NOTICES.MAIL_OVER when it was not given up, or its words are gone
   */
  async resend(tx: CrossTenantTransaction, actor: AuditActor, id: string): Promise<MailRecord> {
    const now = this.clock.now();
    const resent = await tx
      .query(
        `UPDATE mails SET state = 'waiting', reason = NULL, finished_at = NULL, erase_at = NULL, tries = 0, not_before = $2
         WHERE id = $1 AND state = 'failed' AND erase_at > $2 RETURNING id`,
        [id, now],
      )
      .catch((error: unknown) => {
        // Its words were erased at this moment
        if (refusedWith(error, CHECK_VIOLATION)) throw new DomainError('NOTICES.MAIL_OVER');
        throw error;
      });
    const [record] = await tx.query<MailRecord>(`${RECORD} WHERE m.id = $2`, [now, id]);
    if (!record) throw new DomainError('REQUEST.NOT_FOUND');
    if (resent.length === 0) throw new DomainError('NOTICES.MAIL_OVER');
    for (const chain of [record.city.id, VENDOR_TENANT_ID]) {
      await tx.actOn(chain);
      await this.audit.append(tx, {
        action: 'mail.resent',
        actor: { type: actor.type, id: actor.id },
        subject: { type: 'mail', id },
        details: { kind: record.kind },
      });
    }
    return record;
  }
}
