import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import { ContentSeal, TenantDatabase, type TenantScope, type TenantTransaction, refusedWith } from '#libs/database';
import { Clock, DomainError, newId } from '#libs/kernel';
import { type ByteRange, ExportArchive } from './export-archive.ts';
import { type ExportFile, ExportFiles } from './export-files.ts';

export type ExportState = 'queued' | 'running' | 'ready' | 'failed' | 'expired';

export interface DataExport {
  readonly id: string;
  /** Made because the city leaves. */
  readonly exitId: string | null;
  readonly state: ExportState;
  readonly requestedAt: Date;
  readonly finishedAt: Date | null;
  readonly expiresAt: Date | null;
  /** Rows. */
  readonly done: number;
  readonly total: number;
  /** Of all files together, before packing. */
  readonly bytes: number;
  readonly manifestSha256: string | null;
}

type Member = AuditActor & { readonly id: string };

const UNIQUE_VIOLATION = '23505';
const COLUMNS = `id, exit_id AS "exitId", state, requested_at AS "requestedAt", finished_at AS "finishedAt",
  expires_at AS "expiresAt", done::float8 AS done, total::float8 AS total, bytes::float8 AS bytes,
  encode(manifest_sha256, 'hex') AS "manifestSha256"`;

/** Exports as the city sees them: asked for, followed and fetched, on the network whose data they hold. */
@Injectable()
export class DataExports {
  constructor(
    private readonly database: TenantDatabase,
    private readonly contentSeal: ContentSeal,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** Newest first. */
  list(tx: TenantTransaction): Promise<DataExport[]> {
    return tx.query<DataExport>(
      `SELECT ${COLUMNS} FROM data_exports WHERE tenant_id = $1 ORDER BY requested_at DESC, id DESC LIMIT 50`,
      [tx.scope.tenantId],
    );
  }

  /** @throws DomainError REQUEST.NOT_FOUND */
  async get(tx: TenantTransaction, id: string): Promise<DataExport> {
    const [found] = await tx.query<DataExport>(`SELECT ${COLUMNS} FROM data_exports WHERE tenant_id = $1 AND id = $2`, [
      tx.scope.tenantId,
      id,
    ]);
    if (!found) throw new DomainError('REQUEST.NOT_FOUND');
    return found;
  }

  /** @param id under an Idempotency-Key the same again; @throws DomainError EXITS.EXPORT_UNDER_WAY */
  async request(scope: TenantScope, member: Member, id: string = newId()): Promise<DataExport> {
    try {
      return await this.database.run(scope, async (tx) => {
        const [earlier] = await tx.query('SELECT 1 FROM data_exports WHERE tenant_id = $1 AND id = $2', [
          scope.tenantId,
          id,
        ]);
        if (earlier) return this.get(tx, id);
        await tx.query(
          `INSERT INTO data_exports (tenant_id, segment, id, requested_by, requested_at, touched_at)
           VALUES ($1, $2, $3, $4, $5, $5)`,
          [scope.tenantId, scope.segment, id, member.id, this.clock.now()],
        );
        const made = await this.get(tx, id);
        await this.record(tx, member, 'data-export.requested', made);
        return made;
      });
    } catch (error) {
      if (refusedWith(error, UNIQUE_VIOLATION)) throw new DomainError('EXITS.EXPORT_UNDER_WAY');
      throw error;
    }
  }

  /** @throws DomainError REQUEST.NOT_FOUND, EXITS.EXPORT_NOT_READY */
  async files(scope: TenantScope, id: string): Promise<ExportFile[]> {
    return (await this.open(scope, id)).files.list();
  }

  /** The archive as it can be fetched; nothing of it has left yet. @throws DomainError as {@link files} */
  async archive(scope: TenantScope, id: string): Promise<ExportArchive> {
    const { made, files } = await this.open(scope, id);
    return new ExportArchive(made, files, await files.packed());
  }

  /** The bytes of an archive, or a part of them. That they are taken out is on record before the first one leaves. */
  async takeOut(scope: TenantScope, member: Member, archive: ExportArchive, part?: ByteRange): Promise<Readable> {
    await this.database.run(scope, (tx) => this.record(tx, member, 'data-export.taken-out', archive.made, part));
    return archive.stream(part);
  }

  private async open(scope: TenantScope, id: string): Promise<{ made: DataExport; files: ExportFiles }> {
    const made = await this.database.run(scope, (tx) => this.get(tx, id));
    const isPast = made.expiresAt !== null && made.expiresAt <= this.clock.now();
    if (made.state !== 'ready' || isPast) throw new DomainError('EXITS.EXPORT_NOT_READY');
    return { made, files: new ExportFiles(this.database, scope, await this.contentSeal.forTenant(scope), id) };
  }

  private record(tx: TenantTransaction, actor: Member, action: string, made: DataExport, part?: ByteRange) {
    const { id, bytes, manifestSha256 } = made;
    return this.audit.append(tx, {
      action,
      actor,
      segment: tx.scope.segment,
      subject: { type: 'data-export', id },
      details: { bytes, manifestSha256, ...part },
    });
  }
}
