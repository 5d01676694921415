import { Inject, Injectable } from '@nestjs/common';
import type { MailConfig } from '#libs/config';
import type { CrossTenantTransaction, TenantSeal, TenantTransaction, Transaction } from '#libs/database';
import { Clock, type Segment, newId } from '#libs/kernel';
import { bodyPlace } from './body-place.ts';
import type { MailKind } from './mail-kinds.ts';

export const MAIL_CONFIG = Symbol('MailConfig');

/** A notice in plain text. It leaves the city's network: it says that there is something to see, never what people wrote. */
export interface MailWords {
  readonly kind: MailKind;
  /** One line. */
  readonly subject: string;
  readonly body: string;
}

/** A mail of the vendor's. */
export interface Mail extends MailWords {
  /** The cities whose administrators get it, each of them one of their own; null: all cities. */
  readonly adminsOf: readonly string[] | null;
}

/** A mail within a city; whoever is meant several times gets it once. */
export interface CityMail extends MailWords {
  readonly to: {
    readonly admins?: boolean;
    /** Departments whose managers get it. */
    readonly managersOf?: readonly string[];
    readonly memberIds?: readonly string[];
    /** Who knows already. */
    readonly but?: string;
  };
  /** What of its kind everybody is told of once, however often it is enqueued; at most 100 characters. */
  readonly about?: string;
}

// Whoever has no address is left out when it is sent: the vendor's roles cannot read who has one.
const ENQUEUE = `
  INSERT INTO mails (tenant_id, id, member_id, kind, subject, body, created_at, not_before)
  SELECT m.tenant_id, gen_random_uuid(), m.id, $1, $2, $3, $5, $5
  FROM members m JOIN tenants t ON t.id = m.tenant_id
  WHERE m.role = 'admin' AND m.status = 'active' AND t.status IN ('active', 'frozen')
    AND ($4::uuid[] IS NULL OR t.id = ANY ($4))`;

const ENQUEUE_WITHIN = `
  INSERT INTO mails (tenant_id, id, member_id, kind, about, subject, body, created_at, not_before)
  SELECT m.tenant_id, gen_random_uuid(), m.id, $1, $2, $3, $4, $5, $5 FROM members m
  WHERE m.status = 'active' AND m.mail_address IS NOT NULL AND m.id IS DISTINCT FROM $9::uuid
    AND (($6 AND m.role = 'admin') OR (m.role = 'manager' AND m.department_id = ANY ($7::uuid[])) OR m.id = ANY ($8::uuid[]))
  ON CONFLICT (tenant_id, member_id, kind, about) WHERE about IS NOT NULL DO NOTHING`;

/** Writes mails down beside the fact they tell of, in its transaction; the worker sends them. Off, it writes nothing. */
@Injectable()
export class Mailer {
  constructor(
    @Inject(MAIL_CONFIG) private readonly config: MailConfig,
    private readonly clock: Clock,
  ) {}

  /** Whether there is a relay that mails go by. */
  get isOn(): boolean {
    return this.config.isOn;
  }

  /** Where the portal of a network is, as the vendor has set it. */
  originOf(segment: Segment): string | null {
    return this.config.origins?.[segment] ?? null;
  }

  /** @throws when the subject is not one line of at most 200 characters: the database refuses it, and the fact with it */
  async enqueue(tx: CrossTenantTransaction, { kind, adminsOf, subject, body }: Mail): Promise<void> {
    if (!this.isOn) return;
    await tx.query(ENQUEUE, [kind, subject, body, adminsOf, this.clock.now()]);
  }

  /** As {@link enqueue}, in the city of the transaction, to those of its people who have an address. */
  async enqueueWithin(tx: TenantTransaction, { kind, to, about, subject, body }: CityMail): Promise<void> {
    if (!this.isOn) return;
    const { admins = false, managersOf = [], memberIds = [], but } = to;
    await tx.query(ENQUEUE_WITHIN, [
      kind,
      about ?? null,
      subject,
      body,
      this.clock.now(),
      admins,
      managersOf,
      memberIds,
      but ?? null,
    ]);
  }

  /** To one member, whose words let in whoever reads them: they lie under the city's key until they are sent. */
  async enqueueSealed(
    tx: Transaction,
    seal: TenantSeal,
    { kind, memberId, subject, body }: MailWords & { readonly memberId: string },
  ): Promise<void> {
    if (!this.isOn) return;
    const id = newId();
    await tx.query(
      `INSERT INTO mails (tenant_id, id, member_id, kind, subject, body_sealed, created_at, not_before)
       VALUES (app_tenant_id(), $1, $2, $3, $4, $5, $6, $6)`,
      [id, memberId, kind, subject, seal.seal(bodyPlace(id), body), this.clock.now()],
    );
  }

  /** Takes back what a member was to be mailed, unless it is on its way already. */
  async recall(tx: TenantTransaction, kind: MailKind, memberId: string): Promise<void> {
    await tx.query(
      `UPDATE mails SET state = 'dropped', finished_at = $3, subject = NULL, body = NULL, body_sealed = NULL
       WHERE member_id = $1 AND kind = $2 AND state = 'waiting'`,
      [memberId, kind, this.clock.now()],
    );
  }
}
