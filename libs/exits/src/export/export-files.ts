import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';
import type { TenantDatabase, TenantScope, TenantSeal } from '#libs/database';

/** Before deflating: what is in memory at a time, and the size of a row of the database. */
const CHUNK_BYTES = 1_048_576;

const deflate = promisify(deflateRaw);
/** Flushed and not finished: the chunks of a file, one after the other, are one deflated stream. */
const FLUSHED = { finishFlush: constants.Z_SYNC_FLUSH };

export interface ExportFile {
  readonly number: number;
  readonly path: string;
  readonly bytes: number;
  /** Records, where the file is a list of them. */
  readonly rows: number | null;
  /** Hex. */
  readonly sha256: string;
}

/** As a file lies in the database. */
export interface PackedFile extends Pick<ExportFile, 'number' | 'path' | 'bytes'> {
  readonly crc32: number;
  /** Bytes of each, deflated, in their order. */
  readonly chunks: readonly number[];
}

export interface FileSource {
  readonly path: string;
  readonly body: AsyncIterable<Uint8Array | string>;
  /** Asked once the body is read. */
  readonly rows?: () => number;
}

const placeOf = (exportId: string, file: number, chunk: number) => ({
  rowId: `${exportId}/${file}/${chunk}`,
  column: 'body',
});

const FILE = `number, path, bytes::float8 AS bytes, rows::float8 AS rows, encode(sha256, 'hex') AS sha256`;

/**
 * The files of an export as sealed chunks in the database: any process can write on where another died, any process can
 * hand them out, and they go with the city's key. A file counts once it is whole; half a file is begun again.
 */
export class ExportFiles {
  constructor(
    private readonly database: TenantDatabase,
    private readonly scope: TenantScope,
    private readonly seal: TenantSeal,
    private readonly exportId: string,
  ) {}

  /** @returns the file, written now or by whoever was at it before; @param onChunk told how far it is, and that it lives */
  async write(number: number, source: FileSource, onChunk: () => Promise<void>): Promise<ExportFile> {
    const whole = await this.find(number);
    if (whole) return whole;
    await this.begin(number, source.path);
    const hash = createHash('sha256');
    let [bytes, chunks, checksum] = [0, 0, 0];
    let parts: Buffer[] = [];
    let held = 0;
    // One chunk is packed and stored while the next is read.
    let storing: Promise<void> = Promise.resolve();
    const flush = async (): Promise<void> => {
      const chunk = { number: chunks, body: Buffer.concat(parts) };
      chunks += 1;
      [parts, held] = [[], 0];
      await storing;
      storing = this.append(number, chunk).then(onChunk);
      // Whoever awaits it next hears of it.
      storing.catch(() => undefined);
    };
    for await (const piece of source.body) {
      const part = Buffer.from(piece);
      hash.update(part);
      checksum = crc32(part, checksum);
      bytes += part.length;
      parts.push(part);
      held += part.length;
      if (held >= CHUNK_BYTES) await flush();
    }
    if (held > 0) await flush();
    await storing;
    const file = { number, path: source.path, bytes, rows: source.rows?.() ?? null, sha256: hash.digest('hex') };
    await this.finish(file, chunks, checksum);
    return file;
  }

  list(): Promise<ExportFile[]> {
    return this.database.run(this.scope, (tx) =>
      tx.query<ExportFile>(
        `SELECT ${FILE} FROM data_export_files WHERE tenant_id = $1 AND export_id = $2 AND sha256 IS NOT NULL ORDER BY number`,
        [this.scope.tenantId, this.exportId],
      ),
    );
  }

  /** What an archive is laid out by. */
  packed(): Promise<PackedFile[]> {
    return this.database.run(this.scope, (tx) =>
      tx.query<PackedFile>(
        `SELECT number, path, bytes::float8 AS bytes, crc32::float8 AS crc32,
           ARRAY(SELECT c.packed_bytes FROM data_export_chunks c WHERE c.tenant_id = f.tenant_id
             AND c.export_id = f.export_id AND c.file = f.number ORDER BY c.number) AS chunks
         FROM data_export_files f WHERE tenant_id = $1 AND export_id = $2 AND sha256 IS NOT NULL ORDER BY number`,
        [this.scope.tenantId, this.exportId],
      ),
    );
  }

  /** A chunk of a file as it is packed. */
  async read(file: number, chunk: number): Promise<Buffer> {
    const [row] = await this.database.run(this.scope, (tx) =>
      tx.query<{ body: Buffer }>(
        `SELECT body_sealed AS body FROM data_export_chunks
         WHERE tenant_id = $1 AND export_id = $2 AND file = $3 AND number = $4`,
        [this.scope.tenantId, this.exportId, file, chunk],
      ),
    );
    if (!row) throw new Error(`export ${this.exportId} has expired while it was read`);
    return this.seal.openBytes(placeOf(this.exportId, file, chunk), row.body);
  }

  private async find(number: number): Promise<ExportFile | undefined> {
    return (await this.list()).find((file) => file.number === number);
  }

  private begin(number: number, path: string): Promise<void> {
    const { tenantId, segment } = this.scope;
    return this.database.run(this.scope, async (tx) => {
      await tx.query('DELETE FROM data_export_chunks WHERE tenant_id = $1 AND export_id = $2 AND file = $3', [
        tenantId,
        this.exportId,
        number,
      ]);
      await tx.query(
        `INSERT INTO data_export_files (tenant_id, segment, export_id, number, path) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant_id, export_id, number) DO NOTHING`,
        [tenantId, segment, this.exportId, number, path],
      );
    });
  }

  private async append(file: number, { number, body }: { number: number; body: Buffer }): Promise<void> {
    const { tenantId, segment } = this.scope;
    const packed = await deflate(body, FLUSHED);
    const sealed = this.seal.sealBytes(placeOf(this.exportId, file, number), packed);
    await this.database.run(this.scope, (tx) =>
      tx.query(
        `INSERT INTO data_export_chunks (tenant_id, segment, export_id, file, number, packed_bytes, body_sealed)
         VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [tenantId, segment, this.exportId, file, number, packed.length, sealed],
      ),
    );
  }

  private finish({ number, bytes, rows, sha256 }: ExportFile, chunks: number, checksum: number): Promise<unknown> {
    return this.database.run(this.scope, (tx) =>
      tx.query(
        `UPDATE data_export_files SET bytes = $4, rows = $5, sha256 = decode($6, 'hex'), chunks = $7, crc32 = $8
         WHERE tenant_id = $1 AND export_id = $2 AND number = $3`,
        [this.scope.tenantId, this.exportId, number, bytes, rows, sha256, chunks, checksum],
      ),
    );
  }
}
