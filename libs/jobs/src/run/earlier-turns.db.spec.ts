import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TenantDatabase, createDataSource } from '#libs/database';
import { newId } from '#libs/kernel';
import { type TestDatabase, createTestDatabase } from '#libs/testing';
import { type SeededCity, seedCity } from '../content-access/content-access.fixture.ts';
import { type ClaimedJob, RunRepository } from './run-repository.ts';

describe('what was said in a conversation before', () => {
  const repository = new RunRepository();
  let database: TestDatabase;
  let superuser: Client;
  let source: DataSource;
  let city: SeededCity;
  let conversation: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    superuser = new Client(database.urls.superuser);
    await superuser.connect();
    source = await createDataSource(database.urls.app, 1).initialize();
    city = await seedCity(superuser, '131016');
  });
  afterAll(async () => {
    await source.destroy();
    await superuser.end();
    await database.drop();
  });
  beforeEach(async () => {
    conversation = newId();
    await superuser.query(
      `INSERT INTO conversations (tenant_id, segment, id, member_id, title_sealed, created_at, updated_at)
       VALUES ($1, 'lgwan', $2, $3, 'x', now(), now())`,
      [city.id, conversation, city.admin.id],
    );
  });

  /** @param acceptedAt by the clock of the api process that took it */
  const ask = async (acceptedAt: string): Promise<string> => {
    const id = newId();
    await superuser.query(
      `INSERT INTO jobs (tenant_id, segment, id, kind, status, member_id, conversation_id, model, max_tokens, input_sealed,
         input_bytes, history_bytes, accepted_at)
       VALUES ($1, 'lgwan', $2, 'chat', 'queued', $3, $4, 'm', 100, 'question', 8, 1000, $5)`,
      [city.id, id, city.admin.id, conversation, acceptedAt],
    );
    return id;
  };
  const answer = (id: string) =>
    superuser.query(
      `UPDATE jobs SET status = 'completed', output_sealed = 'answer', output_bytes = 6, finished_at = now() WHERE id = $1`,
      [id],
    );
  const before = (id: string): Promise<string[]> =>
    new TenantDatabase(source).run({ tenantId: city.id, segment: 'lgwan' }, async (tx) => {
      const job = { id, conversationId: conversation, historyBytes: 1_000 } as ClaimedJob;
      return (await repository.earlierTurns(tx, job)).map((turn) => turn.id);
    });

  it('holds no turn that was asked for later and ended earlier', async () => {
    const first = await ask('2026-06-10T01:00:00Z');
    const second = await ask('2026-06-10T01:00:05Z');
    const third = await ask('2026-06-10T01:00:09Z');
    await answer(second);
    expect(await before(first)).toEqual([]);
    await answer(first);
    expect(await before(third)).toEqual([first, second]);
  });

  it('is in the order of asking though the clocks of those who took it differ', async () => {
    const first = await ask('2026-06-10T01:10:00Z');
    const second = await ask('2026-06-10T01:00:00Z');
    await answer(first);
    expect(await before(second)).toEqual([first]);
    await answer(second);
    expect(await before(first)).toEqual([]);
    expect(await before(await ask('2026-06-10T00:50:00Z'))).toEqual([first, second]);
  });
});
