import { AdmissionDatabase, createDataSource, TenantDatabase } from '#libs/database';
import { FairAdmission, type QueuePosition, Reconciler, Suspensions } from '#libs/jobs';
import { type TenantId, tenantId } from '#libs/kernel';
import { createLogger, Metrics } from '#libs/observability';
import { type Consumer, JOBS_RUN, QueueHost, Signals } from '#libs/queue';
import type { AdmissionStand } from './admission-stand.ts';
import type { LineJob, WaitingLine } from './waiting-line.ts';

const SEGMENT = 'lgwan';
const MODEL = 'bench';

/** As IntakeRepository writes it; each city asks with one key. */
const PUT_IN_LINE = `
  WITH asked AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::integer[]) WITH ORDINALITY AS t (city, id, tokens, n)),
  job AS (
    INSERT INTO jobs (tenant_id, segment, id, kind, status, api_key_id, model, max_tokens, input_bytes, accepted_at)
    SELECT city, '${SEGMENT}', id, 'chat', 'queued', city, '${MODEL}', tokens, 1, clock_timestamp() FROM asked
    RETURNING tenant_id, id, segment, actor_id, model, max_tokens, accepted_at)
  INSERT INTO admission_entries (tenant_id, job_id, segment, lane, route, actor_id, input_tokens, max_tokens, cost_tokens, accepted_at)
  SELECT job.tenant_id, job.id, segment, 'interactive', segment || '/' || model, actor_id, 0, max_tokens, max_tokens, accepted_at
  FROM job JOIN asked ON asked.id = job.id ORDER BY asked.n`;

/** As RunRepository ends it. */
const TAKE_OUT = `
  UPDATE admission_entries SET finished_at = clock_timestamp(), spent_tokens = ended.tokens, burned_tokens = ended.tokens,
    served = true
  FROM unnest($1::uuid[], $2::uuid[], $3::integer[]) AS ended (city, id, tokens)
  WHERE tenant_id = ended.city AND job_id = ended.id AND job_id = ANY ($2)`;

/** Nobody else is there to be told. */
class NoSignals extends Signals {
  protected broadcast(): void {}
}

/**
 * The product's own admission: the real FairAdmission and its reconciler on the real database, the real queue host on either
 * backend. The consumer stands for the worker: it holds the place, then ends the entry as a settlement does.
 */
export class FairLine implements WaitingLine {
  readonly admission: FairAdmission;
  private readonly stand: AdmissionStand;
  private readonly queues: QueueHost;
  private readonly database: AdmissionDatabase;
  private readonly reconciler: Reconciler;
  private readonly city: TenantDatabase;
  private readonly close: () => Promise<void>;
  private readonly jobs = new Map<string, LineJob>();
  private consumer: Consumer | undefined;

  private constructor(
    stand: AdmissionStand,
    queues: QueueHost,
    sources: { admission: AdmissionDatabase; app: TenantDatabase; close: () => Promise<void> },
  ) {
    this.stand = stand;
    this.queues = queues;
    this.database = sources.admission;
    this.city = sources.app;
    this.close = sources.close;
    const log = createLogger('bench', { level: 'fatal' });
    const metrics = new Metrics();
    this.admission = new FairAdmission(this.database, log, queues, metrics);
    const suspensions = new Suspensions(this.database, new NoSignals());
    this.reconciler = new Reconciler(this.database, this.admission, suspensions, log, metrics);
  }

  /** @param redisUrl for the queue on Redis; on the stand's PostgreSQL without */
  static async open(stand: AdmissionStand, redisUrl: string | undefined): Promise<FairLine> {
    const [admission, app] = await Promise.all([
      createDataSource(stand.urls.admission, 4, { durableCommit: false }).initialize(), // as the product opens it
      createDataSource(stand.urls.app, 16).initialize(),
    ]);
    const queues = new QueueHost(
      redisUrl ? { backend: 'redis', url: redisUrl } : { backend: 'postgres', url: stand.urls.admission },
    );
    return new FairLine(stand, queues, {
      admission: new AdmissionDatabase(admission),
      app: new TenantDatabase(app),
      close: async () => void (await Promise.all([admission.destroy(), app.destroy()])),
    });
  }

  async fill(jobs: readonly LineJob[]): Promise<void> {
    await this.putInLine(jobs);
  }

  private async putInLine(jobs: readonly LineJob[]): Promise<void> {
    for (const job of jobs) this.jobs.set(job.id, job);
    await this.stand.everything.query(PUT_IN_LINE, [
      jobs.map(({ city }) => city),
      jobs.map(({ id }) => id),
      jobs.map(({ tokens }) => tokens),
    ]);
  }

  async start(places: number, run: (jobId: string) => Promise<void>): Promise<void> {
    await this.configure(places);
    this.consumer = await this.queues.consume(
      JOBS_RUN,
      places,
      async ({ tenantId: city, jobId }) => {
        await run(jobId);
        await this.settle(city, jobId);
        await this.admission.giveRoomBack().catch(() => undefined); // the reconciler asks again
      },
      () => undefined,
    );
    this.reconciler.start();
    await this.admission.request();
  }

  /** As a request is accepted. */
  async add(job: LineJob): Promise<void> {
    this.jobs.set(job.id, job);
    await this.together(tenantId(job.city), PUT_IN_LINE, [job.city, job.id, job.tokens]);
    await this.admission.request();
  }

  /** What waiting jobs are told. */
  positions(jobs: readonly LineJob[]): Promise<QueuePosition[]> {
    return this.admission.positions(jobs.map(({ city, id }) => ({ tenantId: tenantId(city), jobId: id })));
  }

  /** So many places in each deployment, without other quotas. */
  async configure(places: number, count = 1): Promise<void> {
    const deployments = Array.from({ length: count }, (_, position) => ({
      id: `bench-${position}`,
      position,
      model: MODEL,
      segments: [SEGMENT],
      provider: 'bedrock',
      region: 'ap-northeast-1',
      simulated: true,
      concurrency: places,
    }));
    await this.database.query('SELECT pool_configure($1::jsonb)', [JSON.stringify(deployments)]);
  }

  /** One decision, handed to nobody. @returns the jobs that it admits */
  async decide(): Promise<string[]> {
    const admitted = await this.database.query<{ job_id: string }>('SELECT * FROM admit()');
    return admitted.map(({ job_id: jobId }) => jobId);
  }

  /** Ends jobs all at once, where what it costs to end them is not looked at. */
  async settleAll(jobIds: readonly string[]): Promise<void> {
    await this.stand.everything.query(
      `UPDATE admission_entries SET finished_at = clock_timestamp(), spent_tokens = cost_tokens, burned_tokens = cost_tokens,
         served = true WHERE job_id = ANY ($1)`,
      [jobIds],
    );
  }

  async settle(city: TenantId, jobId: string): Promise<void> {
    await this.together(city, TAKE_OUT, [city, jobId, this.jobs.get(jobId)!.tokens]);
  }

  private together(city: TenantId, sql: string, row: unknown[]): Promise<void> {
    return this.city.together({ tenantId: city, segment: SEGMENT }, async (tx) => ({
      result: undefined,
      rows: () => tx.gather(sql, row),
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.reconciler.stop();
    await this.consumer?.close();
    await this.queues.onApplicationShutdown();
    await this.close();
  }
}
