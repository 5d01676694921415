import type { ErrorCode } from '#libs/kernel';
import { type TestApi, createTestApi } from './test-api.ts';
import { CITY_A, type TestCity, onboardCity, signIn } from './test-city.ts';

export const CSV = '氏名,用件\r\n山田,住民票\r\n佐藤,"転入,転居"\r\n鈴木,=1+1\r\n';
export const PLAN = { template: '{氏名}様からの「{用件}」への案内文を書いてください。', maxTokens: 100 };

type Headers = Record<string, string>;

/** A city's api with somebody who makes batches. */
export class BatchDesk implements AsyncDisposable {
  private constructor(
    readonly api: TestApi,
    readonly city: TestCity,
    readonly cookie: string,
  ) {}

  static async open(): Promise<BatchDesk> {
    const api = await createTestApi();
    const city = await onboardCity(api.app, CITY_A);
    return new BatchDesk(api, city, await signIn(api, city, city.admin));
  }

  ask(method: 'get' | 'post' | 'delete', path: string, body?: object, as: Headers = { cookie: this.cookie }) {
    const request = this.api.on('lgwan')[method](`/api/v1/batches${path}`).set(as);
    return body ? request.send(body) : request;
  }

  upload(file: string | Buffer, as: Headers = { cookie: this.cookie }) {
    const headers = { 'content-type': 'text/csv', 'x-file-name': encodeURIComponent('窓口.csv'), ...as };
    return this.api.on('lgwan').post('/api/v1/batches').set(headers).send(file);
  }

  async draft(file: string | Buffer = CSV): Promise<string> {
    return (await this.upload(file).expect(201)).body.id;
  }

  async started(file?: string): Promise<string> {
    const id = await this.draft(file);
    await this.ask('post', `/${id}/start`, PLAN).expect(202);
    return id;
  }

  /** The first column of the first row. */
  async value(sql: string, ...parameters: unknown[]): Promise<unknown> {
    return (await this.api.eyes.query({ text: sql, values: parameters, rowMode: 'array' })).rows[0]?.[0];
  }

  async count(what: string, id: string): Promise<number> {
    return Number(await this.value(`SELECT count(*) FROM ${what}`, id));
  }

  async setLimit(sql: string): Promise<void> {
    await this.api.eyes.query(`UPDATE budgets SET limit_tokens = ${sql} WHERE tenant_id = $1`, [this.city.id]);
  }

  /** Opens every deployment's breaker until then; closes them with NULL. */
  async breakers(until: string): Promise<void> {
    await this.api.eyes.query(`UPDATE pool_deployments SET open_until = ${until}`);
  }

  /** What is stored of batches, and what of the budget is held, by its own account and by its reservations. */
  async stored(): Promise<Record<'batches' | 'rows' | 'jobs' | 'reserved' | 'held', number>> {
    const { rows } = await this.api.eyes.query(
      `SELECT (SELECT count(*) FROM batches)::integer AS batches, (SELECT count(*) FROM batch_rows)::integer AS rows,
         (SELECT count(*) FROM jobs)::integer AS jobs,
         (SELECT sum(reserved_tokens) FROM budgets WHERE tenant_id = $1)::integer AS reserved,
         (SELECT coalesce(sum(tokens), 0) FROM reservations WHERE tenant_id = $1 AND state = 'held')::integer AS held`,
      [this.city.id],
    );
    return rows[0];
  }

  /** The budget holds what its reservations say, no more and no less. */
  async isBalanced(): Promise<boolean> {
    const { held, reserved } = await this.stored();
    return held === reserved;
  }

  /** Ends a row's job as its worker would, but for the bill, or as the system does that cancels it. */
  async end(
    id: string,
    row: number,
    status: 'completed' | 'failed' | 'cancelled',
    why: { code?: ErrorCode; finishReason?: string } = status === 'failed' ? { code: 'MODEL.TIMED_OUT' } : {},
  ): Promise<void> {
    await this.api.eyes.query(
      `WITH ended AS (
         UPDATE jobs SET status = $3, finished_at = now(), error_code = $4, finish_reason = $5
         WHERE batch_id = $1 AND batch_row = $2 AND retried_at IS NULL RETURNING id)
       UPDATE admission_entries SET finished_at = now() FROM ended WHERE job_id = ended.id`,
      [id, row, status, why.code, why.finishReason],
    );
  }

  /** Ends the connection that is inserting the jobs of a batch, as soon as there is one. */
  async killAcceptance(): Promise<void> {
    const kill = `SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
      WHERE state = 'active' AND query ~ 'INSERT INTO jobs .*batch_row' AND pid <> pg_backend_pid()`;
    while ((await this.api.eyes.query(kill)).rowCount === 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.api[Symbol.asyncDispose]();
  }
}
