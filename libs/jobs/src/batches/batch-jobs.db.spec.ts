import { createSecretKey, randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TenantDatabase, TenantSeal, type TenantTransaction, createDataSource } from '#libs/database';
import { newId, tenantId } from '#libs/kernel';
import { Line } from '../../test/line.ts';
import { BatchJobs } from './batch-jobs.ts';
import { BatchRepository } from './batch-repository.ts';

const AT = new Date('2026-07-01T00:00:00Z');
const PAGE = 100;
const LONG = 2_000;

/** @returns how many rows it read */
type Read = (tx: TenantTransaction, seal: TenantSeal, batchId: string) => Promise<number>;

describe('a page of a long batch', () => {
  const [jobs, repository] = [new BatchJobs(), new BatchRepository()];
  let line: Line;
  let source: DataSource;
  let database: TenantDatabase;
  beforeAll(async () => {
    line = await Line.open();
    // One connection: what it has planned for the short batch serves the long one
    source = await createDataSource(line.database.urls.app, 1).initialize();
    database = new TenantDatabase(source);
  });
  afterAll(async () => {
    await source.destroy();
    await line.close();
  });

  /** Of a city of its own. @returns what runs a reading of it and says how many rows the database fetched for that */
  async function batchOf(rows: number) {
    const id = tenantId(await line.foundCity());
    const scope = { tenantId: id, segment: 'lgwan' } as const;
    const requester = { scope, memberId: null, apiKeyId: id, departmentId: null, models: null };
    const seal = new TenantSeal(id, new Map([[1, createSecretKey(randomBytes(32))]]), 1);
    const batchId = newId();
    const numbers = Array.from({ length: rows }, (_, index) => index + 2);
    await database.run(scope, async (tx) => {
      const table = {
        format: 'csv',
        encoding: 'utf-8',
        columns: ['用件'],
        rows: numbers.map((number) => ({ number, cells: [`${number}`] })),
      } as const;
      await repository.insert(tx, seal, { id: batchId, requester, name: '住民', table, createdAt: AT });
      const terms = { batchId, requester, model: 'm', maxTokens: 100, purposeId: null, acceptedAt: AT };
      const prompts = numbers.map((row) => ({ row, messages: [], inputTokens: 1, worstCaseTokens: 101 }));
      await jobs.insert(tx, seal, terms, prompts);
    });
    return (read: Read): Promise<number> =>
      database.run(scope, async (tx) => {
        // What the connection did before is counted in
        const before = await fetched(tx);
        expect(await read(tx, seal, batchId)).toBe(Math.min(rows, PAGE));
        return (await fetched(tx)) - before;
      });
  }

  const results: Read = async (tx, seal, batchId) => {
    const rows = await jobs.rows(tx, seal, batchId, { after: 0, limit: PAGE });
    expect(rows.every(({ row, cells }) => cells[0] === `${row}`)).toBe(true);
    return rows.length;
  };

  it('reads no row of it twice, also by a plan made for a short one', async () => {
    const readShort = await batchOf(3);
    await line.everything.query('ANALYZE jobs, batch_rows');
    await readShort(results);
    const readLong = await batchOf(LONG);
    expect(await readLong(results)).toBeLessThan(2 * LONG + PAGE);
  });
});

async function fetched(tx: TenantTransaction): Promise<number> {
  const [row] = await tx.query<{ rows: number }>(
    `SELECT sum(idx_tup_fetch + seq_tup_read)::integer AS rows FROM pg_stat_xact_user_tables
     WHERE relname IN ('jobs', 'batch_rows')`,
  );
  return row!.rows;
}
