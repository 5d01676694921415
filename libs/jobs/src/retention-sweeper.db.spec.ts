import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuditTrail, AuditVerifier } from '#libs/audit';
import { AdmissionDatabase, OpsDatabase, TenantDatabase, createDataSource } from '#libs/database';
import { type Segment, newId, tenantId } from '#libs/kernel';
import { Metrics, createLogger } from '#libs/observability';
import { FrozenClock } from '#libs/testing';
import { Line } from '../test/line.ts';
import { BatchRepository } from './batches/batch-repository.ts';
import { RetentionRound } from './retention-round.ts';
import { RetentionSweeper } from './retention-sweeper.ts';

/** Noon of 22 November in Japan. Of what is kept for 30 days, that of 23 October is the oldest. */
const clock = new FrozenClock(new Date('2026-11-22T03:00:00Z'));
const STILL_KEPT = '2026-10-22T15:00:00Z';
const OVER = '2026-10-22T14:59:59Z';

let line: Line;
let sources: DataSource[];
let sweepers: RetentionSweeper[];
let verifier: AuditVerifier;
let city: string;
let member: string;

beforeAll(async () => {
  line = await Line.open();
  const { admission, app, ops } = line.database.urls;
  sources = await Promise.all([admission, app, ops].map((url) => createDataSource(url, 4).initialize()));
  const databases = [new AdmissionDatabase(sources[0]!), new TenantDatabase(sources[1]!)] as const;
  verifier = new AuditVerifier(new OpsDatabase(sources[2]!));
  const make = () => new RetentionSweeper(...databases, new BatchRepository(), new AuditTrail(clock), clock);
  sweepers = [make(), make()];
});
afterAll(async () => {
  await Promise.all(sources.map((source) => source.destroy()));
  await line.close();
});
beforeEach(async () => {
  await all('TRUNCATE segment_policies');
  city = await foundCity({ lgwan: 30 });
  member = await all<{ id: string }>(
    `INSERT INTO members (tenant_id, id, login_id, login_id_key, display_name, role, segment, password_hash,
       password_changed_at, created_at, updated_at)
     VALUES ($1, gen_random_uuid(), 'a', 'a', '職員', 'staff', 'lgwan', 'x', now(), now(), now()) RETURNING id`,
    city,
  ).then(([row]) => row!.id);
});

const all = <Row>(sql: string, ...parameters: unknown[]): Promise<Row[]> => line.everything.query(sql, parameters);

async function foundCity(days: Partial<Record<Segment, number>>): Promise<string> {
  const id = await line.foundCity();
  for (const [segment, retention] of Object.entries(days))
    await all(
      'INSERT INTO segment_policies (tenant_id, segment, open, retention_days, updated_at) VALUES ($1, $2, true, $3, now())',
      id,
      segment,
      retention,
    );
  return id;
}

interface Asked {
  readonly at: string;
  readonly status?: 'completed' | 'running';
  readonly segment?: Segment;
  readonly conversation?: string;
  readonly batch?: string;
  readonly of?: string;
  readonly times?: number;
}

/** Questions with words in them, of the city's member when in a conversation, else of its key. */
async function ask({ at, status = 'completed', segment = 'lgwan', of = city, times = 1, ...place }: Asked) {
  const who = place.conversation ? 'member_id' : 'api_key_id';
  const rows = await all<{ id: string }>(
    `INSERT INTO jobs (tenant_id, segment, id, kind, status, ${who}, conversation_id, batch_id, batch_row, model,
       max_tokens, input_sealed, output_sealed, input_bytes, accepted_at, finished_at)
     SELECT $1, $2, gen_random_uuid(), 'chat', $3, $4, $5, $6::uuid, CASE WHEN $6::uuid IS NULL THEN NULL ELSE 2 END, 'm', 10, 'in',
       'out', 2, $7::timestamptz, CASE WHEN $3 = 'completed' THEN $7::timestamptz END FROM generate_series(1, $8::int) RETURNING id`,
    of,
    segment,
    status,
    place.conversation ? member : of,
    place.conversation ?? null,
    place.batch ?? null,
    at,
    times,
  );
  return rows.map(({ id }) => id);
}

async function converse(): Promise<string> {
  const id = newId();
  await all(
    `INSERT INTO conversations VALUES ($1, 'lgwan', $2, $3, 'title', $4, $4)`,
    city,
    id,
    member,
    new Date('2026-01-01T00:00:00Z'),
  );
  return id;
}

async function upload(at: string): Promise<string> {
  const id = newId();
  await all(
    `INSERT INTO batches (tenant_id, segment, id, api_key_id, name_sealed, columns_sealed, format, row_count, created_at,
       template_sealed, plan_fingerprint, model, max_tokens, started_at, round)
     VALUES ($1, 'lgwan', $2, $1, 'n', 'c', 'csv', 1, $3, 's', 's', 'm', 100, $3, 1)`,
    city,
    id,
    at,
  );
  await all(`INSERT INTO batch_rows VALUES ($1, 'lgwan', $2, 2, 'x')`, city, id);
  return id;
}

/** The jobs that still have a word. */
const withWords = async () =>
  (await all<{ id: string }>('SELECT id FROM jobs WHERE input_sealed IS NOT NULL OR output_sealed IS NOT NULL')).map(
    ({ id }) => id,
  );
const kept = async (table: string) =>
  (await all<{ id: string }>(`SELECT id FROM ${table} WHERE tenant_id = $1`, city)).map(({ id }) => id);
const told = async () =>
  (
    await all<{ questions: number; batches: number; conversations: number }>(
      `SELECT sum((details::jsonb ->> 'questions')::int)::int AS questions, sum((details::jsonb ->> 'batches')::int)::int AS batches,
         sum((details::jsonb ->> 'conversations')::int)::int AS conversations
       FROM audit_entries WHERE action = 'retention.erased' AND tenant_id = $1`,
      city,
    )
  )[0];

describe('what is kept for a limited time', () => {
  it('is kept through its last day in Japan and gone for good after it, with every row of the bill in its place', async () => {
    const [young] = await ask({ at: STILL_KEPT });
    const old = await ask({ at: OVER, times: 3 });
    await sweepers[0]!.sweep();
    expect(await withWords()).toEqual([young]);
    expect(await kept('jobs')).toEqual(expect.arrayContaining(old));
    expect(await told()).toEqual({ questions: 3, batches: 0, conversations: 0 });
  });

  it('is never a running job’s, nor another network’s or city’s that keeps its words', async () => {
    const other = await foundCity({});
    const ids = [
      await ask({ at: OVER, status: 'running' }),
      await ask({ at: OVER, segment: 'my_number' }),
      await ask({ at: OVER, of: other }),
    ].flat();
    await sweepers[0]!.sweep();
    expect((await withWords()).filter((id) => ids.includes(id))).toHaveLength(3);
  });

  it('leaves a conversation turn by turn, and takes its title with the last', async () => {
    const [continued, ended] = [await converse(), await converse()];
    await ask({ at: OVER, conversation: ended, times: 2 });
    await ask({ at: OVER, conversation: continued });
    const [turn] = await ask({ at: STILL_KEPT, conversation: continued });
    await sweepers[0]!.sweep();
    expect(await kept('conversations')).toEqual([continued]);
    expect(
      (await all<{ id: string }>('SELECT id FROM jobs WHERE conversation_id = $1', continued)).map(({ id }) => id),
    ).toEqual([turn]);
    expect(await told()).toMatchObject({ questions: 3, conversations: 1 });
  });

  it('takes a batch with its file once the newest of its answers is over', async () => {
    const [over, retried] = [await upload(OVER), await upload(OVER)];
    await ask({ at: OVER, batch: over });
    await ask({ at: STILL_KEPT, batch: retried });
    await sweepers[0]!.sweep();
    expect(await kept('batches')).toEqual([retried]);
    expect(await told()).toMatchObject({ batches: 1 });
  });

  it('is foretold as it then happens', async () => {
    const conversation = await converse();
    await ask({ at: OVER, conversation, times: 2 });
    const scope = { tenantId: tenantId(city), segment: 'lgwan' } as const;
    expect(await sweepers[0]!.forecast(scope, 30)).toEqual({ questions: 2, conversations: 1, batches: 0 });
    expect(await sweepers[0]!.forecast(scope, 40)).toEqual({ questions: 0, conversations: 0, batches: 0 });
    await sweepers[0]!.sweep();
    expect(await told()).toEqual({ questions: 2, conversations: 1, batches: 0 });
  });

  it('is erased once by two at once, and to the end by the next when one dies in the middle', async () => {
    await ask({ at: OVER, times: 1_200 });
    await all(`CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF (SELECT count(*) FROM audit_entries WHERE action = 'retention.erased' AND tenant_id = NEW.tenant_id) > 0
      THEN RAISE EXCEPTION 'died'; END IF; RETURN NEW; END $$`);
    await all('CREATE TRIGGER die BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION die()');
    const died = await sweepers[0]!.sweep();
    expect(died.failures.map(String)).toEqual([expect.stringContaining('died')]);
    expect(died.overdueMs).toBe(1_000);
    await all('DROP TRIGGER die ON audit_entries');
    expect(await told()).toMatchObject({ questions: 500 });
    await Promise.all(sweepers.map((sweeper) => sweeper.sweep()));
    expect(await told()).toMatchObject({ questions: 1_200 });
  });

  it('keeps no other network from being swept whose questions cannot even be looked for', async () => {
    await all(`CREATE FUNCTION fails(city uuid) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
      RAISE EXCEPTION 'unreadable'; END $$`);
    await all(`CREATE POLICY unreadable ON jobs AS RESTRICTIVE FOR SELECT
      USING (tenant_id <> '${city}'::uuid OR fails(tenant_id))`);
    await all('UPDATE segment_policies SET retention_days = 30');
    await ask({ at: OVER });
    const unreadable = city;
    city = await foundCity({ lgwan: 30 });
    await ask({ at: OVER });
    const swept = await sweepers[0]!.sweep();
    await all('DROP POLICY unreadable ON jobs');
    expect(swept).toMatchObject({ questions: 1, failures: [expect.objectContaining({ message: 'unreadable' })] });
    expect(await all('SELECT FROM jobs WHERE tenant_id = $1 AND input_sealed IS NOT NULL', unreadable)).toHaveLength(1);
  });

  it('ends by each network’s own days, files and conversations too, and leaves the audit chain whole', async () => {
    city = await foundCity({ lgwan: 30, my_number: 7 });
    const eightDaysAgo = '2026-11-14T03:00:00Z';
    const [ofLgwan] = await ask({ at: eightDaysAgo });
    await ask({ at: eightDaysAgo, segment: 'my_number' });
    const batch = await upload(OVER);
    await ask({ at: OVER, batch });
    expect(await sweepers[0]!.sweep()).toMatchObject({ questions: 1, batches: 1, overdueMs: 0, failures: [] });
    expect(await withWords()).toEqual(expect.arrayContaining([ofLgwan]));
    expect(await all('SELECT FROM batch_rows WHERE tenant_id = $1', city)).toEqual([]);
    expect(
      await all(`SELECT FROM jobs WHERE tenant_id = $1 AND segment = 'my_number' AND input_sealed IS NOT NULL`, city),
    ).toEqual([]);
    expect(
      await all(`SELECT FROM audit_entries WHERE tenant_id = $1 AND action = 'retention.erased'`, city),
    ).toHaveLength(2);
    const { chains } = await verifier.verify({ tenantId: city });
    expect(chains).toMatchObject([{ tenantId: city, entries: 2, faultCount: 0 }]);
  });

  it('is watched: when it was last looked for, what went, and how long what should be gone is overdue', async () => {
    const metrics = new Metrics();
    const round = new RetentionRound(sweepers[0]!, metrics, clock, createLogger('spec', { level: 'silent' }));
    const valueOf = async (name: string) =>
      (await metrics.expose()).body
        .split('\n')
        .find((sample) => sample.startsWith(`moyai_retention_${name} `))
        ?.split(' ')[1];
    expect(await valueOf('last_run_seconds')).toBeUndefined();
    await ask({ at: OVER, times: 2 });
    await all(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$`,
    );
    await all('CREATE TRIGGER refuse BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION refuse()');
    await round.run();
    expect([await valueOf('failed_networks'), await valueOf('overdue_seconds')]).toEqual(['1', '1']);
    await all('DROP TRIGGER refuse ON audit_entries');
    await round.run();
    expect([await valueOf('failed_networks'), await valueOf('overdue_seconds')]).toEqual(['0', '0']);
    expect(await valueOf('erased_total{kind="questions"}')).toBe('2');
    expect(await valueOf('last_run_seconds')).toBe(String(clock.now().getTime() / 1_000));
  });
});
