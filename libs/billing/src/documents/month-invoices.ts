import { Injectable } from '@nestjs/common';
import type { FinanceDatabase, Transaction } from '#libs/database';
import type { JstMonth } from '#libs/kernel';
import type { InvoiceDocument } from '../invoice-document.ts';
import { InvoiceBook, type PagePlace } from '../invoices/invoice-book.ts';

const PAGE = 50;

interface Page {
  readonly documents: readonly InvoiceDocument[];
  readonly next: PagePlace | null;
}

/** What was issued for a month, to all cities. */
@Injectable()
export class MonthInvoices {
  constructor(private readonly book: InvoiceBook) {}

  /** By municipality code. A page at a time, each in a transaction of its own: the reader may take minutes. */
  async *issued(database: FinanceDatabase, month: JstMonth): AsyncGenerator<InvoiceDocument> {
    let after: PagePlace | null = null;
    do {
      const place: PagePlace | null = after;
      const page: Page = await database.run((tx) => this.page(tx, month, place));
      yield* page.documents;
      after = page.next;
    } while (after);
  }

  private async page(tx: Transaction, month: JstMonth, after: PagePlace | null): Promise<Page> {
    const invoices = await this.book.list(tx, { month }, { after, limit: PAGE });
    const documents: InvoiceDocument[] = [];
    for (const { id, number } of invoices) if (number !== null) documents.push(await this.book.document(tx, id));
    const last = invoices.length === PAGE ? invoices.at(-1) : undefined;
    return { documents, next: last ? { month, code: last.cityCode, id: last.id } : null };
  }
}
