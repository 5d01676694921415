import { Injectable } from '@nestjs/common';
import type { TenantSeal, TenantTransaction } from '#libs/database';
import { DomainError } from '#libs/kernel';
import type { Table, TableRow } from '#libs/table-reader';
import { type Requester, requesterId } from '../job.ts';
import { handedOverFrom } from '../ownerless/handed-over-from.ts';
import { openCells, sealCells } from './batch.ts';
import { RETRYABLE } from './batch-jobs.ts';
import { PIECE, inPieces, lengthOf } from './in-pieces.ts';

/** A batch as its row says, opened. */
export interface StoredBatch {
  readonly id: string;
  readonly name: string;
  readonly columns: readonly string[];
  readonly format: Table['format'];
  readonly encoding: Table['encoding'];
  readonly rowCount: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly template: string | null;
  readonly planFingerprint: Buffer | null;
  readonly model: string | null;
  readonly maxTokens: number | null;
  readonly purposeCode: string | null;
  readonly round: number;
  readonly handedOverFrom: string | null;
}

type BatchRow = Omit<StoredBatch, 'name' | 'columns' | 'template'> & {
  nameSealed: Buffer;
  columnsSealed: Buffer;
  templateSealed: Buffer | null;
};

const SELECT_BATCH = `
  SELECT id, name_sealed AS "nameSealed", columns_sealed AS "columnsSealed", format, encoding, row_count AS "rowCount",
    created_at AS "createdAt", started_at AS "startedAt", template_sealed AS "templateSealed",
    plan_fingerprint AS "planFingerprint", model, max_tokens AS "maxTokens", purpose_code AS "purposeCode", round,
    ${handedOverFrom('batches')} AS "handedOverFrom"
  FROM batches`;

const ALL_ROWS = `
  SELECT row, cells_sealed FROM batch_rows WHERE tenant_id = $1 AND batch_id = $2 AND row > $3 ORDER BY row LIMIT $4`;
const GIVEN_UP_ROWS = `
  SELECT row, cells_sealed FROM batch_rows WHERE tenant_id = $1 AND batch_id = $2 AND row = ANY (ARRAY (
    SELECT batch_row FROM jobs WHERE tenant_id = $1 AND batch_id = $2 AND batch_row > $3 AND retried_at = $5
    ORDER BY batch_row LIMIT $4))
  ORDER BY row`;

/** Batches and the rows of their files. Content is sealed on its way in and opened on its way out. */
@Injectable()
export class BatchRepository {
  async insert(
    tx: TenantTransaction,
    seal: TenantSeal,
    {
      id,
      requester,
      name,
      table,
      createdAt,
    }: { id: string; requester: Requester; name: string; table: Table; createdAt: Date },
  ): Promise<void> {
    const { tenantId, segment } = tx.scope;
    await tx.query(
      `INSERT INTO batches (tenant_id, segment, id, member_id, api_key_id, name_sealed, columns_sealed, format, encoding,
           row_count, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        tenantId,
        segment,
        id,
        requester.memberId,
        requester.apiKeyId,
        seal.seal({ rowId: id, column: 'name' }, name),
        seal.seal({ rowId: id, column: 'columns' }, JSON.stringify(table.columns)),
        table.format,
        table.encoding,
        table.rows.length,
        createdAt,
      ],
    );
    for await (const rows of inPieces(table.rows, ({ cells }) => lengthOf(cells))) {
      await tx.query(
        `INSERT INTO batch_rows (tenant_id, segment, batch_id, row, cells_sealed)
           SELECT $1, $2, $3, r.number, r.cells FROM unnest($4::integer[], $5::bytea[]) AS r (number, cells)`,
        [
          tenantId,
          segment,
          id,
          rows.map(({ number }) => number),
          rows.map(({ number, cells }) => sealCells(seal, id, number, cells)),
        ],
      );
    }
  }

  /** @throws DomainError REQUEST.NOT_FOUND, the same for a missing batch and for somebody else's */
  async own(
    tx: TenantTransaction,
    seal: TenantSeal,
    requester: Requester,
    id: string,
    lock: '' | 'FOR UPDATE' = '',
  ): Promise<StoredBatch> {
    const [row] = await tx.query<BatchRow>(`${SELECT_BATCH} WHERE id = $1 AND actor_id = $2 ${lock}`, [
      id,
      requesterId(requester),
    ]);
    if (!row) throw new DomainError('REQUEST.NOT_FOUND');
    return openBatch(seal, row);
  }

  /** The newest first. */
  async list(
    tx: TenantTransaction,
    seal: TenantSeal,
    requester: Requester,
    { before, limit }: { before: string; limit: number },
  ): Promise<StoredBatch[]> {
    const rows = await tx.query<BatchRow>(
      `${SELECT_BATCH} WHERE actor_id = $1 AND ($2 = '' OR (created_at, id) < (
         SELECT b.created_at, b.id FROM batches b WHERE b.id = nullif($2, '')::uuid AND b.actor_id = $1))
       ORDER BY created_at DESC, id DESC LIMIT $3`,
      [requesterId(requester), before, limit],
    );
    return rows.map((row) => openBatch(seal, row));
  }

  /** All rows in order, or those that were given up for another try then. Each is opened when it is its turn. */
  async *rows(
    tx: TenantTransaction,
    seal: TenantSeal,
    batchId: string,
    retriedAt: Date | null,
  ): AsyncGenerator<TableRow> {
    for (let after = 0; ;) {
      const rows = await tx.query<{ row: number; cells_sealed: Buffer }>(retriedAt ? GIVEN_UP_ROWS : ALL_ROWS, [
        tx.scope.tenantId,
        batchId,
        after,
        PIECE.items,
        ...(retriedAt ? [retriedAt] : []),
      ]);
      if (rows.length === 0) return;
      after = rows.at(-1)!.row;
      for (const { row, cells_sealed } of rows)
        yield { number: row, cells: openCells(seal, batchId, row, cells_sealed) };
    }
  }

  /** Leaves a requester the newest drafts: what was never started must not pile up. */
  async eraseOldDrafts(tx: TenantTransaction, requester: Requester, kept: number): Promise<void> {
    const old = await tx.query<{ id: string }>(
      `SELECT id FROM batches WHERE actor_id = $1 AND started_at IS NULL ORDER BY created_at DESC, id DESC OFFSET $2
       FOR UPDATE`,
      [requesterId(requester), kept],
    );
    for (const { id } of old) await this.erase(tx, id);
  }

  async markStarted(
    tx: TenantTransaction,
    seal: TenantSeal,
    id: string,
    plan: {
      template: string;
      fingerprint: Buffer;
      model: string;
      maxTokens: number;
      purpose: { id: string; code: string } | null;
      at: Date;
    },
  ): Promise<void> {
    await tx.query(
      `UPDATE batches SET template_sealed = $3, plan_fingerprint = $4, model = $5, max_tokens = $6, purpose_id = $7,
         purpose_code = $8, started_at = $9, round = 1 WHERE tenant_id = $1 AND id = $2`,
      [
        tx.scope.tenantId,
        id,
        seal.seal({ rowId: id, column: 'template' }, plan.template),
        plan.fingerprint,
        plan.model,
        plan.maxTokens,
        plan.purpose?.id ?? null,
        plan.purpose?.code ?? null,
        plan.at,
      ],
    );
  }

  /** Makes room for new jobs in the rows whose jobs have failed, or were cancelled by nobody of the city. */
  async markRetried(tx: TenantTransaction, id: string, at: Date): Promise<void> {
    await tx.query(
      `UPDATE jobs SET retried_at = $3
       WHERE tenant_id = $1 AND batch_id = $2 AND retried_at IS NULL AND ${RETRYABLE}`,
      [tx.scope.tenantId, id, at],
    );
    await tx.query('UPDATE batches SET round = round + 1 WHERE tenant_id = $1 AND id = $2', [tx.scope.tenantId, id]);
  }

  /** The batch with all its words: the jobs stay as the facts behind the bill. */
  async erase(tx: TenantTransaction, id: string): Promise<void> {
    const which = [tx.scope.tenantId, id];
    await tx.query(
      'UPDATE jobs SET input_sealed = NULL, output_sealed = NULL WHERE tenant_id = $1 AND batch_id = $2',
      which,
    );
    await tx.query('DELETE FROM batch_rows WHERE tenant_id = $1 AND batch_id = $2', which);
    await tx.query('DELETE FROM batches WHERE tenant_id = $1 AND id = $2', which);
  }
}

function openBatch(seal: TenantSeal, { nameSealed, columnsSealed, templateSealed, ...row }: BatchRow): StoredBatch {
  const open = (column: string, sealed: Buffer): string => seal.open({ rowId: row.id, column }, sealed);
  return {
    ...row,
    name: open('name', nameSealed),
    columns: JSON.parse(open('columns', columnsSealed)) as string[],
    template: templateSealed && open('template', templateSealed),
  };
}
