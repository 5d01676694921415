import type { DataSource } from 'typeorm';
import { createDataSource } from '#libs/database';
import { newId } from '#libs/kernel';
import { type TestDatabase, createTestDatabase } from '#libs/testing';

export interface Admitted {
  readonly tenant_id: string;
  readonly job_id: string;
  readonly delivery: number;
  readonly deployment_id: string;
}

export interface Place {
  readonly job_id: string;
  readonly stage: string;
  readonly ahead: number;
  readonly wait_ms: string | null;
}

interface DeploymentState {
  readonly running: number;
  readonly tokens_left: number | null;
  readonly requests_left: number | null;
  readonly failures: number;
  readonly open_until: Date | null;
}

export interface Deployment {
  readonly id: string;
  readonly concurrency: number;
  readonly model?: string;
  readonly segments?: readonly string[];
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  readonly outputBurnDown?: number;
  readonly headRoom?: number;
}

export interface Waiting {
  readonly tokens?: number;
  readonly lane?: 'urgent' | 'interactive' | 'batch';
  readonly segment?: string;
  readonly model?: string;
  /** A second member (key) of the city; its first when not given. */
  readonly actor?: string;
  readonly maxTokens?: number;
  readonly inputTokens?: number;
}

/** The line and the pool as admit() sees them, on a real database and without anything around them. */
export class Line {
  private cities = 0;
  readonly database: TestDatabase;
  /** The superuser's connection, for what the product does elsewhere. */
  readonly everything: DataSource;
  private readonly admission: DataSource;

  private constructor(database: TestDatabase, everything: DataSource, admission: DataSource) {
    this.database = database;
    this.everything = everything;
    this.admission = admission;
  }

  static async open(): Promise<Line> {
    const database = await createTestDatabase();
    const everything = await createDataSource(database.urls.superuser, 2).initialize();
    const admission = await createDataSource(database.urls.admission, 8).initialize();
    return new Line(database, everything, admission);
  }

  async clear(): Promise<void> {
    await this.everything.query(
      `TRUNCATE admission_entries, admission_shares, admission_queues, admission_lines, admission_routes,
         pool_deployments, jobs, api_keys CASCADE`,
    );
    await this.everything.query('UPDATE admission_clock SET running = 0');
  }

  async close(): Promise<void> {
    await Promise.all([this.everything.destroy(), this.admission.destroy()]);
    await this.database.drop();
  }

  async foundCity(share: { weight?: number; floor?: number; limit?: number } = {}): Promise<string> {
    const id = newId();
    await this.everything.query(`INSERT INTO tenants VALUES ($1, $2, '市', 'active', now(), now())`, [
      id,
      String(100_000 + (this.cities += 1)),
    ]);
    await this.everything.query(
      'INSERT INTO admission_shares (tenant_id, weight, running_floor, agreed_limit) VALUES ($1, $2, $3, $4)',
      [id, share.weight ?? 1, share.floor, share.limit],
    );
    await this.addActor(id, id);
    return id;
  }

  async addActor(city: string, id: string = newId()): Promise<string> {
    await this.everything.query(
      `INSERT INTO api_keys (tenant_id, id, segment, name, secret_hash, scopes, created_at)
       VALUES ($1, $2, 'lgwan', '鍵', sha256($3::bytea), '{jobs}', now())`,
      [city, id, id],
    );
    return id;
  }

  async configure(...deployments: Deployment[]): Promise<void> {
    const configured = deployments.map((deployment, position) => ({
      model: 'm',
      segments: ['lgwan'],
      provider: 'bedrock',
      region: 'ap-northeast-1',
      simulated: true,
      position,
      ...deployment,
    }));
    await this.query('SELECT pool_configure($1::jsonb)', [JSON.stringify(configured)]);
  }

  /** Puts jobs of a city in line. @returns their ids in order */
  async queue(city: string, jobs: number, waiting: Waiting = {}): Promise<string[]> {
    const { tokens = 1_000, lane = 'interactive', segment = 'lgwan', model = 'm', actor = city } = waiting;
    const { maxTokens = tokens, inputTokens = 0 } = waiting;
    const ids = Array.from({ length: jobs }, newId);
    await this.everything.query(
      `INSERT INTO jobs (tenant_id, segment, id, kind, status, api_key_id, model, max_tokens, input_bytes, accepted_at)
       SELECT $1, $3, id, 'chat', 'queued', $4, $5, $6, 1, now() FROM unnest($2::uuid[]) AS id`,
      [city, ids, segment, actor, model, maxTokens],
    );
    await this.everything.query(
      `INSERT INTO admission_entries (tenant_id, job_id, segment, lane, route, actor_id, input_tokens, max_tokens,
         cost_tokens, accepted_at)
       SELECT $1, id, $3, $4, $3 || '/' || $5, $6, $9, $7, $8, now()
       FROM unnest($2::uuid[]) WITH ORDINALITY AS t (id, n) ORDER BY n`,
      [city, ids, segment, lane, model, actor, maxTokens, tokens, inputTokens],
    );
    return ids;
  }

  admit(): Promise<Admitted[]> {
    return this.query('SELECT * FROM admit()');
  }

  /** What the worker writes when the calls have ended. */
  async finish(jobs: readonly string[], spent: number, burned = spent): Promise<void> {
    await this.everything.query(
      `UPDATE admission_entries SET finished_at = now(), spent_tokens = $2, burned_tokens = $3, served = true
       WHERE job_id = ANY ($1)`,
      [jobs, spent, burned],
    );
  }

  async deployment(id: string): Promise<DeploymentState> {
    return (await this.query<DeploymentState>('SELECT * FROM pool_deployments WHERE id = $1', [id]))[0]!;
  }

  /** Lets time pass for admission alone: every instant it remembers moves into the past. */
  async pass(seconds: number): Promise<void> {
    await this.everything.query(
      `WITH pool AS (
         UPDATE pool_deployments SET refilled_at = refilled_at - make_interval(secs => $1),
           throttled_at = throttled_at - make_interval(secs => $1), open_until = open_until - make_interval(secs => $1),
           closed_at = closed_at - make_interval(secs => $1), quiet_at = quiet_at - make_interval(secs => $1)),
       lines AS (UPDATE admission_routes SET moved_at = moved_at - make_interval(secs => $1)),
       entries AS (UPDATE admission_entries SET admitted_at = admitted_at - make_interval(secs => $1) WHERE stage = 'running')
       UPDATE admission_clock SET updated_at = updated_at - make_interval(secs => $1)`,
      [seconds],
    );
  }

  /** What a worker tells of a call that began `ago` seconds ago, for the first execution of `job`. */
  async fault(
    id: string,
    kind: 'throttled' | 'failed',
    call: { readonly ago?: number; readonly city?: string; readonly job?: string } = {},
  ): Promise<void> {
    await this.query('SELECT pool_fault($1, $2, clock_timestamp() - make_interval(secs => $3), $4, $5, 1)', [
      id,
      kind,
      call.ago ?? 0,
      call.city,
      call.job,
    ]);
  }

  /**
   * Serves one job after the other, each spending what it costs unless told otherwise.
   * @returns the jobs in the order they were admitted
   */
  async serve(turns: number, spentBy: (job: Admitted) => number): Promise<Admitted[]> {
    const served: Admitted[] = [];
    for (let turn = 0; turn < turns; turn += 1) {
      const [next] = await this.admit();
      if (!next) break;
      served.push(next);
      await this.finish([next.job_id], spentBy(next));
    }
    return served;
  }

  /** What these are told, those of them that are in line. */
  positions(jobs: readonly string[]): Promise<Place[]> {
    return this.query(
      `SELECT told.* FROM (
         SELECT array_agg(tenant_id) AS cities, array_agg(job_id) AS jobs FROM admission_entries WHERE job_id = ANY ($1)) AS asked,
         admission_positions(cities, jobs) AS told`,
      [jobs],
    );
  }

  query<Row>(text: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.admission.query(text, [...parameters]);
  }
}

export const countBy = (jobs: readonly Admitted[], city: string): number =>
  jobs.filter(({ tenant_id }) => tenant_id === city).length;
