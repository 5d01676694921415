import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { AdmissionDatabase } from '#libs/database';
import { DomainError, type ErrorCode, type Segment, type TenantId } from '#libs/kernel';
import { ModelPool, type ModelRoute } from './model-pool.ts';

/** How a deployment stands right now, the same for every process. Left and running are of the last admission. */
export interface DeploymentState {
  readonly id: string;
  readonly model: string;
  readonly segments: readonly Segment[];
  readonly provider: string;
  readonly region: string;
  readonly simulated: boolean;
  readonly retired: boolean;
  readonly concurrency: number;
  readonly running: number;
  /** Granted and left a minute; null where the provider sets no such quota. */
  readonly requestsPerMinute: number | null;
  readonly requestsLeft: number | null;
  readonly tokensPerMinute: number | null;
  readonly tokensLeft: number | null;
  readonly outputBurnDown: number;
  /** The part of maxTokens that answers have lately used. */
  readonly outputShare: number;
  /** The part of what is granted that is used after a throttling, growing back to 1. */
  readonly pace: number;
  readonly throttledAt: Date | null;
  /** `trial`: one job at a time finds out whether it answers again. */
  readonly breaker: 'closed' | 'open' | 'trial';
  readonly opensAgainInMs: number;
  readonly failures: number;
  readonly admittedTotal: number;
  readonly throttledTotal: number;
  readonly failedTotal: number;
  readonly quotaTokensTotal: number;
}

/** An execution that asks for another deployment. */
export interface Rerouted {
  readonly tenantId: TenantId;
  readonly jobId: string;
  readonly fence: number;
}

const MAX_AGE_MS = 1_000;

const SNAPSHOT = `
  SELECT id, model, segments, provider, region, simulated, retired_at IS NOT NULL AS retired, concurrency, running,
    requests_per_minute AS "requestsPerMinute", requests_left AS "requestsLeft",
    tokens_per_minute AS "tokensPerMinute", tokens_left AS "tokensLeft", output_burn_down AS "outputBurnDown",
    output_share AS "outputShare", pool_pace(throttle_level, throttled_at, clock_timestamp()) AS pace,
    throttled_at AS "throttledAt",
    CASE WHEN open_until IS NULL THEN 'closed' WHEN open_until > clock_timestamp() THEN 'open' ELSE 'trial' END AS breaker,
    greatest(0, coalesce(extract(epoch FROM open_until - clock_timestamp()) * 1000, 0))::float8 AS "opensAgainInMs",
    failures, admitted_total::float8 AS "admittedTotal", throttled_total::float8 AS "throttledTotal",
    failed_total::float8 AS "failedTotal", quota_tokens_total::float8 AS "quotaTokensTotal"
  FROM pool_deployments ORDER BY retired_at IS NOT NULL, position`;

/**
 * The pool's shared state in PostgreSQL (docs/decisions/0010): told what this process is configured with, told what
 * calls met, asked for another deployment. Admission keeps the account of all else.
 */
@Injectable()
export class PoolState implements OnApplicationBootstrap {
  private snapshot: Promise<DeploymentState[]> | undefined;
  private takenAt = -Infinity;

  constructor(
    private readonly pool: ModelPool,
    private readonly database: AdmissionDatabase,
  ) {}

  /** Makes the configured deployments known; those no longer configured get no more jobs. What is in use stays counted. */
  async onApplicationBootstrap(): Promise<void> {
    const configured = this.pool.deployments.map((deployment, position) => ({
      id: deployment.id,
      position,
      model: deployment.model,
      segments: deployment.segments,
      provider: deployment.provider,
      region: deployment.region,
      simulated: deployment.simulated,
      concurrency: deployment.concurrency,
      requestsPerMinute: deployment.requestsPerMinute ?? null,
      tokensPerMinute: deployment.tokensPerMinute ?? null,
      outputBurnDown: deployment.outputBurnDown,
    }));
    await this.database.query('SELECT pool_configure($1::jsonb)', [JSON.stringify(configured)]);
  }

  /** Every deployment's state, at most a second old. */
  async deployments(): Promise<readonly DeploymentState[]> {
    if (!this.snapshot || performance.now() - this.takenAt > MAX_AGE_MS) {
      this.takenAt = performance.now();
      this.snapshot = this.database.query<DeploymentState>(SNAPSHOT);
      // What failed is asked again by the next one, not remembered for a second.
      this.snapshot.catch(() => (this.takenAt = -Infinity));
    }
    return this.snapshot;
  }

  /** @throws DomainError MODEL.NO_HEALTHY_DEPLOYMENT when whoever joined this line now would wait for a broken provider */
  async demandHealthy(route: ModelRoute): Promise<void> {
    const ids = new Set(route.deployments.map(({ id }) => id));
    const states = (await this.deployments()).filter(({ id }) => ids.has(id));
    if (states.some(({ breaker, retired }) => breaker !== 'open' && !retired)) return;
    const soonest = Math.min(...states.filter(({ retired }) => !retired).map(({ opensAgainInMs }) => opensAgainInMs));
    throw new DomainError('MODEL.NO_HEALTHY_DEPLOYMENT', {
      detail: 'このモデルの提供元で障害が続いています。しばらくしてからやり直すか、別のモデルを選んでください。',
      ...(Number.isFinite(soonest) && { retryAfterSeconds: Math.max(1, Math.ceil(soonest / 1_000)) }),
    });
  }

  /**
   * Tells what a call met: throttling slows the pace, failures in a row open the breaker.
   * @param elapsedMs since the call began; its instant is then told by the database's clock, the only one all share
   */
  async reportFault(deploymentId: string, code: ErrorCode, elapsedMs: number): Promise<void> {
    const kind = code === 'MODEL.THROTTLED' ? 'throttled' : 'failed';
    await this.database.query('SELECT pool_fault($1, $2, clock_timestamp() - make_interval(secs => $3 / 1000.0))', [
      deploymentId,
      kind,
      elapsedMs,
    ]);
  }

  /**
   * Moves the room that an execution holds to another deployment of its route.
   * @returns the deployment to call now; null when no other has room
   */
  async reroute({ tenantId, jobId, fence }: Rerouted, avoid: readonly string[]): Promise<string | null> {
    const [row] = await this.database.query<{ id: string | null }>('SELECT pool_reroute($1, $2, $3, $4) AS id', [
      tenantId,
      jobId,
      fence,
      avoid,
    ]);
    return row?.id ?? null;
  }
}
