import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditTrail } from '#libs/audit';
import { AdmissionDatabase, TenantDatabase, createDataSource } from '#libs/database';
import { newId } from '#libs/kernel';
import { FrozenClock } from '#libs/testing';
import { Line } from '../../test/line.ts';
import { BatchRepository } from './batch-repository.ts';
import { DraftSweeper } from './draft-sweeper.ts';

describe('drafts that nobody started', () => {
  const clock = new FrozenClock();
  let line: Line;
  let sources: DataSource[];
  let sweepers: DraftSweeper[];
  beforeAll(async () => {
    line = await Line.open();
    const { admission, app } = line.database.urls;
    sources = [await createDataSource(admission, 2).initialize(), await createDataSource(app, 4).initialize()];
    const databases = [new AdmissionDatabase(sources[0]!), new TenantDatabase(sources[1]!)] as const;
    const make = () => new DraftSweeper(...databases, new BatchRepository(), new AuditTrail(clock), clock);
    sweepers = [make(), make()];
  });
  afterAll(async () => {
    await Promise.all(sources.map((source) => source.destroy()));
    await line.close();
  });

  const upload = async (
    city: string,
    { daysAgo, segment = 'lgwan', started = false }: { daysAgo: number; segment?: string; started?: boolean },
  ) => {
    const [id, at] = [newId(), new Date(clock.now().getTime() - daysAgo * 24 * 3_600_000)];
    await line.everything.query(
      `INSERT INTO batches (tenant_id, segment, id, api_key_id, name_sealed, columns_sealed, format, row_count, created_at,
         template_sealed, plan_fingerprint, model, max_tokens, started_at, round)
       VALUES ($1, $2, $3, $1, 'n', 'c', 'csv', 1, $4, $5, $5, $6, $7, $8, $9)`,
      [city, segment, id, at, ...(started ? ['s', 'm', 100, at, 1] : [null, null, null, null, 0])],
    );
    await line.everything.query(`INSERT INTO batch_rows VALUES ($1, $2, $3, 2, 'x')`, [city, segment, id]);
    return id;
  };
  const kept = async (table: string, column: string) =>
    (await line.everything.query<{ id: string }[]>(`SELECT ${column} AS id FROM ${table} ORDER BY 1`)).map(
      ({ id }) => id,
    );

  it('are erased with their rows once they are old, in every city and segment, and nothing else is', async () => {
    const [here, there] = [await line.foundCity(), await line.foundCity()];
    const young = await upload(here, { daysAgo: 13.9 });
    const started = await upload(here, { daysAgo: 400, started: true });
    for (let draft = 0; draft < 23; draft += 1) await upload(here, { daysAgo: 14.1 });
    await upload(here, { daysAgo: 30, segment: 'internet' });
    await upload(there, { daysAgo: 30 });
    const erased = await Promise.all(sweepers.map((sweeper) => sweeper.sweep(14)));
    expect(erased.reduce((sum, drafts) => sum + drafts)).toBe(25);
    expect(await kept('batches', 'id')).toEqual([young, started].toSorted());
    expect(await kept('batch_rows', 'batch_id')).toEqual([young, started].toSorted());
    const told = await line.everything.query(
      `SELECT tenant_id, segment, sum((details::jsonb ->> 'batches')::integer)::integer AS batches FROM audit_entries
       WHERE action = 'batch.drafts-expired' AND actor_type = 'system' GROUP BY 1, 2 ORDER BY 3`,
    );
    expect(told).toMatchObject([{ batches: 1 }, { batches: 1 }, { tenant_id: here, segment: 'lgwan', batches: 23 }]);
  });
});
