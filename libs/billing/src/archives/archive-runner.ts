import { Injectable } from '@nestjs/common';
import { type CrossTenantTransaction, FinanceDatabase, refusedWith } from '#libs/database';
import { Clock } from '#libs/kernel';
import { Log } from '#libs/observability';
import { type InvoiceFile, InvoiceFiles } from '../documents/invoice-files.ts';
import type { InvoiceDocument } from '../invoice-document.ts';
import { isTransient } from '../transient.ts';

/** Files between two words about the progress: what a kill loses, and how soon a cancelled archive is left alone. */
const SLICE = 5;
const FAULT_CHARACTERS = 500;
const LOCK_NOT_AVAILABLE = '55P03';

interface Unprinted {
  readonly position: number;
  readonly document: string;
}

const UNPRINTED = `
  SELECT f.position, i.document FROM invoice_archives a
  JOIN invoice_archive_files f ON f.archive_id = a.id
  JOIN invoices i ON i.tenant_id = f.tenant_id AND i.id = f.invoice_id
  WHERE a.id = $1 AND a.state = 'running' AND f.body IS NULL ORDER BY f.position LIMIT ${SLICE}`;

/** The invoices of a city that was removed meanwhile are in it no more. */
const COUNT = `
  UPDATE invoice_archives a SET done = f.done, total = f.total, touched_at = $2,
    state = CASE WHEN f.done = f.total THEN 'ready' ELSE a.state END,
    finished_at = CASE WHEN f.done = f.total THEN $2::timestamptz END
  FROM (SELECT count(body)::integer AS done, count(*)::integer AS total
        FROM invoice_archive_files WHERE archive_id = $1) f
  WHERE a.id = $1 RETURNING a.state = 'ready' AS "isReady"`;

/**
 * Prints archives, a few files at a time; each few are kept in one transaction with how far it is. Killed anywhere,
 * whoever takes the archive up goes on with the first file that is missing.
 */
@Injectable()
export class ArchiveRunner {
  private isStopping = false;

  constructor(
    private readonly database: FinanceDatabase,
    private readonly press: InvoiceFiles,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Works on an archive until it is ready, cancelled, stopped by a fault, or somebody else is found at it. */
  async run(archiveId: string): Promise<void> {
    try {
      for (let isMore = true; isMore && !this.isStopping;) isMore = await this.step(archiveId);
    } catch (error) {
      if (refusedWith(error, LOCK_NOT_AVAILABLE)) return;
      if (isTransient(error)) throw error;
      this.log.error('invoice-archive.stopped', { archiveId, error });
      await this.database.query(
        `UPDATE invoice_archives SET state = 'failed', fault = $2 WHERE id = $1 AND state = 'running'`,
        [archiveId, error instanceof Error ? error.message.slice(0, FAULT_CHARACTERS) : 'unknown'],
      );
    }
  }

  /** Ends after the next few files. */
  stop(): void {
    this.isStopping = true;
  }

  /** Erases what is over. @returns how many */
  async sweep(): Promise<number> {
    const erased = await this.database.query('DELETE FROM invoice_archives WHERE expires_at <= $1 RETURNING id', [
      this.clock.now(),
    ]);
    return erased.length;
  }

  /** Printed outside of a transaction: it takes the processor and not the database. */
  private async step(archiveId: string): Promise<boolean> {
    const unprinted = await this.database.query<Unprinted>(UNPRINTED, [archiveId]);
    const files: { position: number; file: InvoiceFile }[] = [];
    for (const { position, document } of unprinted)
      files.push({
        position,
        file: await this.press.write(JSON.parse(document) as InvoiceDocument, 'pdf', 'lines'),
      });
    return this.database.run((tx) => this.keep(tx, archiveId, files));
  }

  /** What another kept meanwhile is left as it is: it is the same. @returns false when there is nothing more to do */
  private async keep(
    tx: CrossTenantTransaction,
    archiveId: string,
    files: readonly { position: number; file: InvoiceFile }[],
  ): Promise<boolean> {
    const running = await tx.query(
      `SELECT FROM invoice_archives WHERE id = $1 AND state = 'running' FOR UPDATE NOWAIT`,
      [archiveId],
    );
    if (running.length === 0) return false;
    await Promise.all(
      files.map(({ position, file: { name, body } }) =>
        tx.query(
          `UPDATE invoice_archive_files SET name = $3, body = $4
           WHERE archive_id = $1 AND position = $2 AND body IS NULL`,
          [archiveId, position, name, Buffer.from(body)],
        ),
      ),
    );
    const [archive] = await tx.query<{ isReady: boolean }>(COUNT, [archiveId, this.clock.now()]);
    return archive?.isReady === false;
  }
}
