import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import type { CrossTenantTransaction } from '#libs/database';
import { Clock, DomainError, type Segment, VENDOR_TENANT_ID, idUnderKey, newId } from '#libs/kernel';
import { Mailer } from '#libs/notices';
import { contentAccessMail } from './content-access-mail.ts';
import { CONTENT_ACCESS_COLUMNS, type ContentAccess, LAPSES_AFTER_MS, stateOf } from './content-access.ts';

/** The one of the vendor's people who asks, and who alone may then read. */
export interface VendorPerson {
  readonly type: 'vendor';
  readonly id: string;
  readonly displayName: string;
}

export interface ContentAccessWish {
  readonly cityId: string;
  readonly segment: Segment;
  readonly conversationId: string | null;
  readonly jobId: string | null;
  readonly reason: string;
  readonly ticket: string;
  readonly minutes: number;
}

export interface ContentAccessPage {
  /** Id of the last one of the page before. */
  readonly before: string | null;
  readonly limit: number;
  /** Only this city's. */
  readonly cityId?: string | undefined;
}

const SELECT = `SELECT ${CONTENT_ACCESS_COLUMNS} FROM content_accesses a JOIN tenants t ON t.id = a.tenant_id`;
const WISHED = ['segment', 'conversationId', 'jobId', 'reason', 'ticket', 'minutes'] as const;

/** The vendor's side of an access: asking for it, and giving it back. It cannot approve one; its role holds no such column. */
@Injectable()
export class ContentAccessRequests {
  constructor(
    private readonly mailer: Mailer,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** Newest first, of everybody of the vendor: who looks where is no secret among those who may ask. */
  list(tx: CrossTenantTransaction, { before, limit, cityId }: ContentAccessPage): Promise<ContentAccess[]> {
    return tx.query<ContentAccess>(
      `${SELECT} WHERE ($1::uuid IS NULL OR (a.asked_at, a.id) < (
           SELECT last.asked_at, last.id FROM content_accesses last WHERE last.id = $1))
         AND ($3::uuid IS NULL OR a.tenant_id = $3)
       ORDER BY a.asked_at DESC, a.id DESC LIMIT $2`,
      [before, limit, cityId ?? null],
    );
  }

  /** @throws DomainError REQUEST.NOT_FOUND */
  async get(tx: CrossTenantTransaction, id: string): Promise<ContentAccess> {
    const [access] = await tx.query<ContentAccess>(`${SELECT} WHERE a.id = $1`, [id]);
    if (!access) throw new DomainError('REQUEST.NOT_FOUND');
    return access;
  }

  /**
   * @param key asked again under the same key it is the same request
   * @throws DomainError REQUEST.INVALID for an unknown city; REQUEST.IDEMPOTENCY_MISMATCH
   */
  async ask(
    tx: CrossTenantTransaction,
    person: VendorPerson,
    wish: ContentAccessWish,
    key?: string,
  ): Promise<ContentAccess> {
    const id = key === undefined ? newId() : idUnderKey(person.id, `content_accesses ${wish.cityId} ${key}`);
    const now = this.clock.now();
    const [city] = await tx.query<{ id: string }>('SELECT id FROM tenants WHERE id = $1', [wish.cityId]);
    if (!city)
      throw new DomainError('REQUEST.INVALID', { faults: [{ pointer: '/cityId', message: '登録のない団体です。' }] });
    const asked = await tx.query(
      `INSERT INTO content_accesses (tenant_id, id, segment, conversation_id, job_id, reason, ticket, minutes, asked_by,
         asked_by_name, asked_at, lapses_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING RETURNING id`,
      [
        wish.cityId,
        id,
        wish.segment,
        wish.conversationId,
        wish.jobId,
        wish.reason,
        wish.ticket,
        wish.minutes,
        person.id,
        person.displayName,
        now,
        new Date(now.getTime() + LAPSES_AFTER_MS),
      ],
    );
    const access = await this.get(tx, id);
    if (asked.length === 0) {
      if (WISHED.some((name) => access[name] !== wish[name])) throw new DomainError('REQUEST.IDEMPOTENCY_MISMATCH');
      return access;
    }
    await this.mailer.enqueue(tx, contentAccessMail(access));
    await this.record(tx, person, access, 'content-access.asked');
    return access;
  }

  /** Before or after the approval. @throws DomainError REQUEST.NOT_FOUND, CONTENT_ACCESS.OVER */
  async end(tx: CrossTenantTransaction, person: VendorPerson, id: string): Promise<ContentAccess> {
    const now = this.clock.now();
    await tx.query('SELECT FROM content_accesses WHERE id = $1 FOR UPDATE', [id]);
    const state = stateOf(await this.get(tx, id), now);
    if (state !== 'asked' && state !== 'approved') throw new DomainError('CONTENT_ACCESS.OVER');
    await tx.query('UPDATE content_accesses SET ended_at = $2, ended_by_vendor = $3 WHERE id = $1', [
      id,
      now,
      person.id,
    ]);
    const access = await this.get(tx, id);
    await this.record(tx, person, access, 'content-access.ended');
    return access;
  }

  /** In the city's chain and in the vendor's, in the order in which everybody takes them. */
  private async record(
    tx: CrossTenantTransaction,
    { type, id }: VendorPerson,
    access: ContentAccess,
    action: string,
  ): Promise<void> {
    for (const chain of [access.tenantId, VENDOR_TENANT_ID]) {
      await tx.actOn(chain);
      await this.audit.append(tx, {
        action,
        actor: { type, id },
        segment: access.segment,
        subject: { type: 'content-access', id: access.id },
        details: {
          ticket: access.ticket,
          minutes: access.minutes,
          conversation: access.conversationId,
          job: access.jobId,
        },
      });
    }
  }
}
