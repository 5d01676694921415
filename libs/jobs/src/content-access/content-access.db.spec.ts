import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuditTrail } from '#libs/audit';
import { ContentSeal, LocalKeyService, OpsDatabase, TenantDatabase, createDataSource } from '#libs/database';
import { newId } from '#libs/kernel';
import { Mailer } from '#libs/notices';
import { FrozenClock, type TestDatabase, createTestDatabase } from '#libs/testing';
import { type SeededCity, type SeededWords, seedCity, seedJob } from './content-access.fixture.ts';
import { ContentAccessDecisions } from './content-access-decisions.ts';
import { ContentAccessRequests } from './content-access-requests.ts';
import { ContentReader } from './content-reader.ts';

const MINUTE_MS = 60_000;

describe('access to what a city wrote', () => {
  let test: TestDatabase;
  let superuser: Client;
  let sources: DataSource[];
  let folder: string;
  let clock: FrozenClock;
  let city: SeededCity;
  let other: SeededCity;
  let database: TenantDatabase;
  let ops: OpsDatabase;
  let requests: ContentAccessRequests;
  let decisions: ContentAccessDecisions;
  let reader: ContentReader;
  const asker = { type: 'vendor', id: newId(), displayName: '運用 太郎' } as const;
  const colleague = { type: 'vendor', id: newId(), displayName: '運用 花子' } as const;

  beforeAll(async () => {
    test = await createTestDatabase();
    superuser = new Client({ connectionString: test.urls.superuser });
    await superuser.connect();
    sources = await Promise.all([test.urls.app, test.urls.ops].map((url) => createDataSource(url, 4).initialize()));
    folder = mkdtempSync(join(tmpdir(), 'moyai-keys-'));
    for (const { id, displayName } of [asker, colleague])
      await superuser.query(
        `INSERT INTO vendor_users (id, login_id, login_id_key, display_name, role, password_hash, password_changed_at,
           created_at, updated_at) VALUES ($1, $2, $2, $3, 'ops', 'x', now(), now(), now())`,
        [id, id, displayName],
      );
    database = new TenantDatabase(sources[0]!);
    ops = new OpsDatabase(sources[1]!);
    city = await seedCity(superuser, '990019');
    other = await seedCity(superuser, '990027');
  });
  afterAll(async () => {
    await Promise.all([...sources.map((source) => source.destroy()), superuser.end()]);
    await test.drop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    clock = new FrozenClock(new Date());
    const audit = new AuditTrail(clock);
    requests = new ContentAccessRequests(new Mailer({ isOn: true }, clock), audit, clock);
    decisions = new ContentAccessDecisions(audit, clock);
    reader = new ContentReader(ops, sealing(), clock);
  });

  const sealing = () => new ContentSeal(database, new LocalKeyService(join(folder, 'keys')));
  const jobOf = (tenant: SeededCity, words: SeededWords) => seedJob(superuser, sealing(), tenant, words);

  const ask = (wish: Partial<Parameters<ContentAccessRequests['ask']>[2]> = {}, key?: string) =>
    ops.run((tx) =>
      requests.ask(
        tx,
        asker,
        {
          cityId: city.id,
          segment: 'lgwan',
          conversationId: null,
          jobId: null,
          reason: '応答の不具合の調査',
          ticket: 'INC-1',
          minutes: 15,
          ...wish,
        },
        key,
      ),
    );
  const decide = (id: string, approved = true, by: SeededCity = city) =>
    database.run({ tenantId: by.id, segment: 'lgwan' }, (tx) =>
      decisions.decide(tx, by.admin, id, { approved, note: approved ? null : '必要がない' }),
    );
  const endByCity = (id: string) =>
    database.run({ tenantId: city.id, segment: 'lgwan' }, (tx) => decisions.end(tx, city.admin, id));
  const trail = async (id: string): Promise<string[]> => {
    const { rows } = await superuser.query(
      `SELECT action FROM audit_entries WHERE tenant_id = $1 AND subject_id = $2 ORDER BY sequence`,
      [city.id, id],
    );
    return rows.map(({ action }) => action as string);
  };
  /** As one of the vendor's programs with the role ops could ask the database itself. */
  const askDatabase = (id: string, job: string, person: string = asker.id) =>
    ops.run(async (tx) => {
      await tx.actOn(city.id, 'lgwan');
      return tx.query('SELECT * FROM content_access_read($1, $2, NULL, $3)', [id, person, job]);
    });

  const NOT_OPEN = { code: 'CONTENT_ACCESS.NOT_OPEN' };
  const NOT_FOUND = { code: 'REQUEST.NOT_FOUND' };

  it('is mailed to the administrators of the city, once, without its reason', async () => {
    const key = newId();
    await ask({ ticket: 'INC-7', reason: '福祉課の相談の調査' }, key);
    await ask({ ticket: 'INC-7', reason: '福祉課の相談の調査' }, key);
    const { rows } = await superuser.query<{ tenant_id: string; member_id: string; body: string }>(
      `SELECT tenant_id, member_id, body FROM mails WHERE body LIKE '%INC-7%'`,
    );
    expect(rows).toEqual([{ tenant_id: city.id, member_id: city.admin.id, body: expect.any(String) }]);
    expect(rows[0]!.body).not.toContain('福祉課');
  });

  it('lets nothing be read before the city approves, and nothing after it refuses', async () => {
    const { job } = await jobOf(city, { prompt: '秘密の質問', answer: '秘密の答え' });
    const { id } = await ask();
    await expect(reader.read(asker.id, id, { jobId: job })).rejects.toMatchObject(NOT_OPEN);
    await expect(reader.jobs(asker.id, id, { before: null, limit: 10 })).rejects.toMatchObject(NOT_OPEN);
    await expect(askDatabase(id, job)).rejects.toMatchObject({ code: 'MA002' });
    await decide(id, false);
    await expect(reader.read(asker.id, id, { jobId: job })).rejects.toMatchObject(NOT_OPEN);
    await expect(askDatabase(id, job)).rejects.toMatchObject({ code: 'MA002' });
    expect(await trail(id)).toEqual(['content-access.asked', 'content-access.refused']);
  });

  it('opens the words to the one who asked while it lasts, and each reading stands in the city’s trail', async () => {
    const { job, conversation } = await jobOf(city, { prompt: '秘密の質問', answer: '秘密の答え' });
    const { id } = await ask();
    await decide(id);
    expect(await reader.jobs(asker.id, id, { before: null, limit: 1 })).toMatchObject([
      { id: job, status: 'completed' },
    ]);
    expect(await reader.read(asker.id, id, { conversationId: conversation })).toMatchObject([
      { id: job, messages: [{ role: 'user', content: '秘密の質問' }], answer: '秘密の答え' },
    ]);
    await reader.read(asker.id, id, { jobId: job });
    expect(await trail(id)).toEqual([
      'content-access.asked',
      'content-access.approved',
      'content-access.listed',
      'content-access.read',
      'content-access.read',
    ]);
  });

  it.each(['stop', 'length', 'content_filter'] as const)(
    'says of an answer that it ended by %s, as the city is told',
    async (reason) => {
      const { job } = await jobOf(city, { prompt: '質問', answer: '答え', finishReason: reason });
      const { id } = await ask();
      await decide(id);
      expect(await reader.read(asker.id, id, { jobId: job })).toMatchObject([{ id: job, finishReason: reason }]);
    },
  );

  it('gives nothing to a colleague, who meets it as one that never was', async () => {
    const { job } = await jobOf(city, { prompt: '質問', answer: '答え' });
    const { id } = await ask();
    await decide(id);
    await expect(reader.read(colleague.id, id, { jobId: job })).rejects.toMatchObject(NOT_FOUND);
    await expect(reader.read(colleague.id, newId(), { jobId: job })).rejects.toMatchObject(NOT_FOUND);
    await expect(askDatabase(id, job, colleague.id)).rejects.toMatchObject({ code: 'MA002' });
  });

  it('reaches one city, one segment and, when named, one conversation or one job', async () => {
    const { job } = await jobOf(city, { prompt: '質問', answer: '答え' });
    const { job: elsewhere } = await jobOf(other, { prompt: '質問', answer: '答え' });
    const { job: inOtherNetwork } = await jobOf(city, { prompt: '質問', answer: '答え', segment: 'my_number' });
    const second = await jobOf(city, { prompt: '質問', answer: '答え' });
    const { id } = await ask({ conversationId: second.conversation });
    await decide(id);
    for (const jobId of [job, elsewhere, inOtherNetwork])
      await expect(reader.read(asker.id, id, { jobId })).rejects.toMatchObject(NOT_FOUND);
    expect(await reader.jobs(asker.id, id, { before: null, limit: 10 })).toMatchObject([{ id: second.job }]);
    expect(await reader.read(asker.id, id, { jobId: second.job })).toHaveLength(1);
    await expect(
      ops.run(async (tx) => {
        await tx.actOn(other.id, 'lgwan');
        return tx.query('SELECT * FROM content_access_read($1, $2, NULL, $3)', [id, asker.id, elsewhere]);
      }),
    ).rejects.toMatchObject({ code: 'MA002' });
  });

  it('is over when its time is over, by our clock and by the database’s, whichever is first', async () => {
    const { job } = await jobOf(city, { prompt: '質問', answer: '答え' });
    const { id } = await ask();
    await decide(id);
    await reader.read(asker.id, id, { jobId: job });
    clock.advance(15 * MINUTE_MS);
    await expect(reader.read(asker.id, id, { jobId: job })).rejects.toMatchObject(NOT_OPEN);

    clock.set(new Date(Date.now() - 16 * MINUTE_MS));
    const { id: past } = await ask();
    await decide(past);
    await expect(reader.read(asker.id, past, { jobId: job })).rejects.toMatchObject(NOT_OPEN);
    await expect(askDatabase(past, job)).rejects.toMatchObject({ code: 'MA002' });
  });

  it('lapses when nobody answers within a day', async () => {
    const { id } = await ask();
    clock.advance(24 * 60 * MINUTE_MS);
    await expect(decide(id)).rejects.toMatchObject({ code: 'CONTENT_ACCESS.ALREADY_DECIDED' });
  });

  it('ends at the city’s word and at the asker’s, for good', async () => {
    const { job } = await jobOf(city, { prompt: '質問', answer: '答え' });
    const { id } = await ask();
    await decide(id);
    await endByCity(id);
    await expect(reader.read(asker.id, id, { jobId: job })).rejects.toMatchObject(NOT_OPEN);
    await expect(askDatabase(id, job)).rejects.toMatchObject({ code: 'MA002' });
    await expect(endByCity(id)).rejects.toMatchObject({ code: 'CONTENT_ACCESS.OVER' });
    for (const revival of ['ended_at = NULL, ended_by_vendor = NULL', 'ended_at = now()'])
      await expect(
        ops.run((tx) => tx.query(`UPDATE content_accesses SET ${revival} WHERE id = $1`, [id])),
      ).rejects.toMatchObject({ code: 'MA001' });

    const { id: taken } = await ask();
    await ops.run((tx) => requests.end(tx, asker, taken));
    await expect(decide(taken)).rejects.toMatchObject({ code: 'CONTENT_ACCESS.ALREADY_DECIDED' });
  });

  it('is approved by the city alone, once, however many approve at once', async () => {
    const { id } = await ask();
    const outcomes = await Promise.allSettled([decide(id), decide(id), decide(id), decide(id, false)]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await trail(id)).slice(1)).toHaveLength(1);

    const { id: another } = await ask();
    await expect(decide(another, true, other)).rejects.toMatchObject(NOT_FOUND);
    const forged = `UPDATE content_accesses SET decision = 'approved', decided_by = asked_by, decided_at = asked_at,
      ends_at = asked_at + make_interval(mins => minutes) WHERE id = $1`;
    await expect(ops.run((tx) => tx.query(forged, [another]))).rejects.toMatchObject({ code: '42501' });
  });

  it('shows nothing of which the trail cannot tell', async () => {
    const { job } = await jobOf(city, { prompt: '質問', answer: '答え' });
    const { id } = await ask();
    await decide(id);
    await superuser.query(`CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$`);
    await superuser.query(
      'CREATE TRIGGER no_room BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION no_room()',
    );
    try {
      await expect(reader.read(asker.id, id, { jobId: job })).rejects.toThrow('the disk is full');
      await expect(reader.jobs(asker.id, id, { before: null, limit: 10 })).rejects.toThrow('the disk is full');
    } finally {
      await superuser.query('DROP TRIGGER no_room ON audit_entries');
    }
  });

  it('masks 個人番号, in questions and answers', async () => {
    const words = { prompt: '個人番号は123456789018です。', answer: '123456789018を確認しました。' };
    const { job } = await jobOf(city, { ...words, segment: 'my_number' });
    const { id } = await ask({ segment: 'my_number' });
    await decide(id);
    expect(JSON.stringify(await reader.read(asker.id, id, { jobId: job }))).not.toContain('123456789018');
  });

  it('is asked for once under one key', async () => {
    const [first, second] = await Promise.all([ask({}, 'k-1'), ask({}, 'k-1')]);
    expect(second.id).toBe(first.id);
    expect(await trail(first.id)).toEqual(['content-access.asked']);
    await expect(ask({ minutes: 30 }, 'k-1')).rejects.toMatchObject({ code: 'REQUEST.IDEMPOTENCY_MISMATCH' });
    await expect(ask({ cityId: newId() })).rejects.toMatchObject({ code: 'REQUEST.INVALID' });
  });

  it('cannot be used by one who left the vendor’s operations', async () => {
    const { job } = await jobOf(city, { prompt: '質問', answer: '答え' });
    const { id } = await ask();
    await decide(id);
    await superuser.query(`UPDATE vendor_users SET status = 'disabled' WHERE id = $1`, [asker.id]);
    try {
      await expect(reader.read(asker.id, id, { jobId: job })).rejects.toMatchObject(NOT_OPEN);
    } finally {
      await superuser.query(`UPDATE vendor_users SET status = 'active' WHERE id = $1`, [asker.id]);
    }
  });
});
