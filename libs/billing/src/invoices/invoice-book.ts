import { Injectable } from '@nestjs/common';
import type { Transaction } from '#libs/database';
import { DomainError, type JstMonth } from '#libs/kernel';
import type { InvoiceDocument } from '../invoice-document.ts';
import { hashOf } from './canonical.ts';
import type { DraftDocument } from './draft-document.ts';
import { type InvoiceState, type InvoiceSummary, SUMMARY_COLUMNS } from './invoice.ts';
import { Issuer } from './issuer.ts';

export interface InvoiceFilter {
  readonly month?: JstMonth | undefined;
  readonly state?: InvoiceState | undefined;
  readonly cityId?: string | undefined;
}

/** A step somebody took. */
export interface InvoiceEvent {
  readonly step: string;
  readonly at: Date;
  /** Of the vendor; null for the city and for the product itself. */
  readonly by: string | null;
  readonly reason: string | null;
}

/** A document as it is kept: the text and, once issued, the hash it was issued with. */
export interface KeptDocument {
  readonly text: string;
  readonly sha256: Buffer | null;
}

const FROM = 'invoices i JOIN tenants t ON t.id = i.tenant_id';

/** Reads invoices; what a role may see of them is decided by the database. Cities see theirs, and issued ones alone. */
@Injectable()
export class InvoiceBook {
  constructor(private readonly issuer: Issuer) {}

  /** One page, the newest month first, then by city. @param after where the page before ended */
  list(
    tx: Transaction,
    { month, state, cityId }: InvoiceFilter,
    { after, limit }: { after: PagePlace | null; limit: number },
  ): Promise<InvoiceSummary[]> {
    return tx.query<InvoiceSummary>(
      `SELECT ${SUMMARY_COLUMNS} FROM ${FROM}
       WHERE ($1::date IS NULL OR i.month = $1) AND ($2::text IS NULL OR i.state = $2)
         AND ($3::uuid IS NULL OR i.tenant_id = $3)
         AND ($4::date IS NULL OR i.month < $4 OR (i.month = $4 AND (t.code, i.id) > ($5, $6::uuid)))
       ORDER BY i.month DESC, t.code, i.id LIMIT $7`,
      [
        month ? `${month}-01` : null,
        state ?? null,
        cityId ?? null,
        after ? `${after.month}-01` : null,
        after?.code ?? null,
        after?.id ?? null,
        limit,
      ],
    );
  }

  /** @throws DomainError REQUEST.NOT_FOUND */
  async get(tx: Transaction, id: string): Promise<InvoiceSummary> {
    const [invoice] = await tx.query<InvoiceSummary>(`SELECT ${SUMMARY_COLUMNS} FROM ${FROM} WHERE i.id = $1`, [id]);
    if (!invoice) throw new DomainError('REQUEST.NOT_FOUND');
    return invoice;
  }

  /**
   * As it was issued, or as it would be if it were issued now.
   * @throws DomainError REQUEST.NOT_FOUND; BILLING.ISSUER_UNKNOWN for what is not issued and has nobody to issue it
   */
  async document(tx: Transaction, id: string): Promise<InvoiceDocument> {
    const { text, sha256 } = await this.kept(tx, id);
    if (sha256) return JSON.parse(text) as InvoiceDocument;
    return { ...(JSON.parse(text) as DraftDocument), issuer: this.issuer.get() };
  }

  /** @throws DomainError REQUEST.NOT_FOUND */
  async kept(tx: Transaction, id: string): Promise<KeptDocument> {
    const [kept] = await tx.query<KeptDocument>('SELECT document AS text, sha256 FROM invoices WHERE id = $1', [id]);
    if (!kept) throw new DomainError('REQUEST.NOT_FOUND');
    return kept;
  }

  /** Oldest first. For the vendor: what its people wrote about a draft is not the city's to read. */
  events(tx: Transaction, { tenantId, id }: InvoiceSummary): Promise<InvoiceEvent[]> {
    return tx.query<InvoiceEvent>(
      `SELECT e.step, e.occurred_at AS at, v.display_name AS by, e.reason FROM invoice_events e
       LEFT JOIN vendor_users v ON v.id = e.vendor_user_id
       WHERE e.tenant_id = $1 AND e.invoice_id = $2 ORDER BY e.occurred_at, e.id`,
      [tenantId, id],
    );
  }

  /** The city's invoice of the month before, if there is one. */
  async before(tx: Transaction, { tenantId, month }: InvoiceSummary): Promise<InvoiceSummary | null> {
    const [before] = await tx.query<InvoiceSummary>(
      `SELECT ${SUMMARY_COLUMNS} FROM ${FROM}
       WHERE i.tenant_id = $1 AND i.month = $2::date - interval '1 month' AND i.kind = 'invoice'`,
      [tenantId, `${month}-01`],
    );
    return before ?? null;
  }
}

/** Where a page of invoices ended. */
export interface PagePlace {
  readonly month: JstMonth;
  readonly code: string;
  readonly id: string;
}

/** True when the text of an issued document is still what its hash was taken of. */
export const isGenuine = ({ text, sha256 }: KeptDocument): boolean => sha256 !== null && hashOf(text).equals(sha256);
