import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { AuditTrail } from '#libs/audit';
import { AdmissionDatabase, TenantDatabase, createDataSource } from '#libs/database';
import { newId, tenantId } from '#libs/kernel';
import { Allotments, BudgetBook, BudgetKeeper } from '#libs/metering';
import { Metrics, createLogger } from '#libs/observability';
import { FrozenClock } from '#libs/testing';
import { Line } from '../../test/line.ts';
import { ReservationSweeper } from './reservation-sweeper.ts';

const DAY_MS = 86_400_000;
const TOKENS = 300;

describe('a reservation that outlived its time', () => {
  const clock = new FrozenClock(new Date('2026-06-20T00:00:00Z'));
  const keeper = new BudgetKeeper();
  let line: Line;
  let sources: DataSource[];
  let tenants: TenantDatabase;
  let sweepers: ReservationSweeper[];
  let metrics: Metrics;
  let city: string;
  let department: string;
  let member: string;
  beforeAll(async () => {
    line = await Line.open();
    const { admission, app } = line.database.urls;
    sources = [await createDataSource(admission, 2).initialize(), await createDataSource(app, 6).initialize()];
    tenants = new TenantDatabase(sources[1]!);
    metrics = new Metrics();
    const log = createLogger('spec', { level: 'silent' });
    const make = () =>
      new ReservationSweeper(
        new AdmissionDatabase(sources[0]!),
        tenants,
        keeper,
        new AuditTrail(clock),
        clock,
        log,
        metrics,
      );
    sweepers = [make(), make()];
  });
  afterAll(async () => {
    await Promise.all(sources.map((source) => source.destroy()));
    await line.close();
  });

  const rows = <Row>(sql: string, ...parameters: unknown[]): Promise<Row[]> => line.everything.query(sql, parameters);
  const inCity = <Result>(work: Parameters<typeof tenants.run<Result>>[1]) =>
    tenants.run({ tenantId: tenantId(city), segment: 'internet' }, work);

  beforeEach(async () => {
    city = await line.foundCity();
    [department, member] = [newId(), newId()];
    await rows(
      `INSERT INTO departments (tenant_id, id, code, name, created_at, updated_at) VALUES ($1, $2, '1', '課', now(), now())`,
      city,
      department,
    );
    await rows(
      `INSERT INTO members (tenant_id, id, login_id, login_id_key, display_name, role, segment, password_hash, password_changed_at, created_at, updated_at)
       VALUES ($1, $2, 'taro', 'taro', '太郎', 'staff', 'lgwan', 'x', now(), now(), now())`,
      city,
      member,
    );
    await inCity(async (tx) => {
      const book = new BudgetBook();
      await book.setLimit(tx, '2026-06', 100_000);
      for (const holder of [
        { level: 'department', id: department },
        { level: 'member', id: member },
      ] as const)
        await new Allotments(clock).setLimit(tx, holder, '2026-06', 10_000);
    });
  });

  /** Of a job as it is now, accepted `daysAgo`. */
  const hold = async (status: 'queued' | 'running' | 'completed', daysAgo: number): Promise<string> => {
    const [job] = await line.queue(city, 1);
    await rows(
      `UPDATE jobs SET status = $2, started_at = CASE $2 WHEN 'queued' THEN NULL ELSE now() END,
         finished_at = CASE $2 WHEN 'completed' THEN now() END WHERE id = $1`,
      job,
      status,
    );
    await reserve('job', job!, daysAgo);
    return job!;
  };
  const reserve = (type: string, id: string, daysAgo: number) =>
    inCity((tx) =>
      keeper.reserve(tx, {
        subject: { type, id },
        holder: { departmentId: department, memberId: member },
        tokens: TOKENS,
        acceptedAt: new Date(clock.now().getTime() - daysAgo * DAY_MS),
      }),
    );
  const sweep = async () => (await Promise.all(sweepers.map((sweeper) => sweeper.sweep()))).reduce((sum, n) => sum + n);
  /** Tokens held of the city, its department and its member. */
  const held = async (): Promise<number[]> => {
    const [row] = await rows<{ held: number[] }>(
      `SELECT ARRAY[(SELECT reserved_tokens FROM budgets WHERE tenant_id = $1),
         (SELECT reserved_tokens FROM budget_allotments WHERE tenant_id = $1 AND holder_id = $2),
         (SELECT reserved_tokens FROM budget_allotments WHERE tenant_id = $1 AND holder_id = $3)]::integer[] AS held`,
      city,
      department,
      member,
    );
    return row!.held;
  };
  const everywhere = (reservations: number) => [1, 1, 1].map(() => reservations * TOKENS);
  const audited = () =>
    rows(
      `SELECT details::jsonb AS details FROM audit_entries
       WHERE tenant_id = $1 AND action = 'budget.reservations-swept' AND actor_type = 'system'`,
      city,
    );

  it('is given back once, on every level, when its work is over or was never there', async () => {
    await hold('completed', 8);
    await reserve('job', newId(), 8);
    await hold('completed', 6);
    expect(await held()).toEqual(everywhere(3));
    expect(await sweep()).toBe(2);
    expect(await sweep()).toBe(0);
    expect(await held()).toEqual(everywhere(1));
    expect(await audited()).toEqual([{ details: { reservations: 2, tokens: 2 * TOKENS } }]);
    expect((await metrics.expose()).body).toContain('moyai_reservations_swept_total 2');
  });

  it('stays while its work goes on, and goes when that has ended', async () => {
    const jobs = [await hold('queued', 11), await hold('running', 11)];
    expect(await sweep()).toBe(0);
    expect(await held()).toEqual(everywhere(2));
    await rows(`UPDATE jobs SET status = 'failed', finished_at = now() WHERE id = ANY ($1)`, jobs);
    expect(await sweep()).toBe(2);
    expect(await held()).toEqual(everywhere(0));
  });

  it('stays while the use of its call is not known, and goes when that is', async () => {
    const [job, call] = [await hold('completed', 1), newId()];
    await rows(
      `INSERT INTO lost_calls (tenant_id, id, segment, job_id, call_id, deployment_id, accepted_at, estimated_input_tokens,
         estimated_output_tokens, input_characters, output_characters) VALUES ($1, $2, 'lgwan', $3, 'c', 'd', now(), 1, 1, 1, 1)`,
      city,
      call,
      job,
    );
    await reserve('lost_call', call, 8);
    expect(await sweep()).toBe(0);
    await rows(`UPDATE lost_calls SET resolved_at = now(), outcome = 'billed' WHERE id = $1`, call);
    expect(await sweep()).toBe(1);
    expect(await held()).toEqual(everywhere(1));
  });

  it('is not swept by whoever does not know what it is held for', async () => {
    await reserve('translation', newId(), 8);
    expect(await sweep()).toBe(0);
    expect(await held()).toEqual(everywhere(1));
  });

  it('is untouched by a sweep that is killed, and given back by the next', async () => {
    await hold('completed', 8);
    const heads = line.everything.createQueryRunner();
    await heads.connect();
    await heads.query('BEGIN');
    await heads.query('SELECT FROM budgets WHERE tenant_id = $1 FOR UPDATE', [city]);
    const killed = sweepers[0]!.sweep().catch((error: unknown) => error);
    const kill = () =>
      heads.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE usename = 'moyai_app' AND datname = current_database() AND wait_event_type = 'Lock'`,
      ) as Promise<unknown[]>;
    await vi.waitUntil(async () => (await kill()).length > 0, { timeout: 15_000, interval: 10 });
    expect(await killed).toBeInstanceOf(Error);
    await heads.query('ROLLBACK');
    await heads.release();
    expect(await held()).toEqual(everywhere(1));
    expect(await audited()).toEqual([]);
    expect(await sweep()).toBe(1);
    expect(await held()).toEqual(everywhere(0));
  });
});
