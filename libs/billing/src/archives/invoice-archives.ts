import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import type { CrossTenantTransaction, FinanceDatabase } from '#libs/database';
import { Clock, DomainError, type JstMonth, VENDOR_TENANT_ID, newId } from '#libs/kernel';
import { INVOICE_MEDIA_TYPES, type InvoiceFile } from '../documents/invoice-files.ts';

/** The PDF of everything that was issued for a month when it was asked for: being printed, or at hand for a day. */
export interface InvoiceArchive {
  readonly id: string;
  readonly month: JstMonth;
  readonly state: 'running' | 'ready' | 'failed';
  /** Files that are printed, of how many. */
  readonly done: number;
  readonly total: number;
  /** How often it was handed to a worker. */
  readonly deliveries: number;
  readonly requestedAt: Date;
  readonly finishedAt: Date | null;
  /** It is erased then. */
  readonly expiresAt: Date;
  /** What stopped it. */
  readonly fault: string | null;
}

const KEPT_MS = 86_400_000;

const COLUMNS = `id, to_char(month, 'YYYY-MM') AS month, state, done, total, deliveries, requested_at AS "requestedAt",
  finished_at AS "finishedAt", expires_at AS "expiresAt", fault`;

/** What is in it is settled at once: what is issued meanwhile comes with the next one. */
const BEGIN = `
  WITH issued AS MATERIALIZED (
    SELECT i.tenant_id, i.id, row_number() OVER (ORDER BY t.code, i.number)::integer AS position
    FROM invoices i JOIN tenants t ON t.id = i.tenant_id WHERE i.month = $1 AND i.number IS NOT NULL),
  archive AS (
    INSERT INTO invoice_archives (month, id, total, requested_at, touched_at, expires_at)
    SELECT $1::date, $2::uuid, count(*), $3::timestamptz, $3, $4::timestamptz FROM issued HAVING count(*) > 0)
  INSERT INTO invoice_archive_files (tenant_id, archive_id, position, invoice_id)
  SELECT tenant_id, $2, position, id FROM issued RETURNING position`;

/** A month's invoices as files in one archive: asked for, followed, cancelled and taken out. One a month at a time. */
@Injectable()
export class InvoiceArchives {
  constructor(
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** Null when there is none, or none any more. */
  async find(tx: CrossTenantTransaction, month: JstMonth): Promise<InvoiceArchive | null> {
    const [archive] = await tx.query<InvoiceArchive>(
      `SELECT ${COLUMNS} FROM invoice_archives WHERE month = $1 AND expires_at > $2`,
      [`${month}-01`, this.clock.now()],
    );
    return archive ?? null;
  }

  /**
   * Begins one in place of what there is; while one is being printed, it is that one.
   * @throws DomainError BILLING.NOTHING_ISSUED
   */
  async begin(tx: CrossTenantTransaction, actor: AuditActor, month: JstMonth): Promise<InvoiceArchive> {
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`moyai.archive ${month}`]);
    const earlier = await this.find(tx, month);
    if (earlier?.state === 'running') return earlier;
    await tx.query('DELETE FROM invoice_archives WHERE month = $1', [`${month}-01`]);
    const now = this.clock.now();
    const files = await tx.query(BEGIN, [`${month}-01`, newId(), now, new Date(now.getTime() + KEPT_MS)]);
    if (files.length === 0) throw new DomainError('BILLING.NOTHING_ISSUED');
    const archive = await this.get(tx, month);
    await this.record(tx, actor, 'invoice-archive.requested', archive);
    return archive;
  }

  /** Stops the printing of it, or throws it away. @throws DomainError REQUEST.NOT_FOUND */
  async discard(tx: CrossTenantTransaction, actor: AuditActor, month: JstMonth): Promise<void> {
    const archive = await this.get(tx, month);
    await tx.query('DELETE FROM invoice_archives WHERE id = $1', [archive.id]);
    await this.record(tx, actor, 'invoice-archive.discarded', archive);
  }

  /** That it is taken out is on record before its first byte leaves. @throws DomainError REQUEST.NOT_FOUND, BILLING.ARCHIVE_NOT_READY */
  async takeOut(tx: CrossTenantTransaction, actor: AuditActor, month: JstMonth): Promise<InvoiceArchive> {
    const archive = await this.get(tx, month);
    if (archive.state !== 'ready') throw new DomainError('BILLING.ARCHIVE_NOT_READY');
    await this.record(tx, actor, 'invoice.exported', archive);
    return archive;
  }

  /**
   * By municipality code, each read when its turn comes.
   * @throws Error when it is gone meanwhile: an archive that ends early must not look like a whole one
   */
  async *files(database: FinanceDatabase, { id, total }: InvoiceArchive): AsyncGenerator<InvoiceFile> {
    let after = 0;
    for (let count = 0; count < total; count += 1) {
      const [file] = await database.query<{ position: number; name: string; body: Buffer }>(
        `SELECT position, name, body FROM invoice_archive_files WHERE archive_id = $1 AND position > $2
         ORDER BY position LIMIT 1`,
        [id, after],
      );
      if (!file) throw new Error(`archive ${id} is gone`);
      after = file.position;
      yield { name: file.name, type: INVOICE_MEDIA_TYPES.pdf, body: file.body };
    }
  }

  private async get(tx: CrossTenantTransaction, month: JstMonth): Promise<InvoiceArchive> {
    const archive = await this.find(tx, month);
    if (!archive) throw new DomainError('REQUEST.NOT_FOUND');
    return archive;
  }

  private async record(
    tx: CrossTenantTransaction,
    actor: AuditActor,
    action: string,
    { month, total }: InvoiceArchive,
  ) {
    await tx.actOn(VENDOR_TENANT_ID);
    await this.audit.append(tx, {
      action,
      actor,
      subject: { type: 'month', id: month },
      details: { format: 'zip', invoices: total },
    });
  }
}
