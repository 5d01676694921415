import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { AdmissionDatabase } from '#libs/database';
import { DomainError, type ErrorCode, type Segment, type TenantId } from '#libs/kernel';
import { ModelPool, type ModelRoute } from './model-pool.ts';

/** An execution of a job that holds room in the pool. */
export interface RoomHolder {
  readonly tenantId: TenantId;
  readonly jobId: string;
  readonly fence: number;
}

interface DeploymentHealth {
  readonly model: string;
  readonly segments: readonly Segment[];
  /** For how long its breaker stays open and sends it nothing; 0 when it may be tried. */
  readonly openMs: number;
}

const MAX_AGE_MS = 1_000;

const HEALTH = `
  SELECT model, segments,
    greatest(0, coalesce(extract(epoch FROM open_until - clock_timestamp()) * 1000, 0))::float8 AS "openMs"
  FROM pool_deployments WHERE retired_at IS NULL`;

/**
 * What all processes know of the pool together, in PostgreSQL (docs/decisions/0010): told what this process is configured
 * with and what its calls met, asked for another deployment. Admission keeps the account of all else.
 */
@Injectable()
export class SharedPool implements OnApplicationBootstrap {
  private health: Promise<DeploymentHealth[]> | undefined;
  private askedAt = -Infinity;

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
      headRoom: deployment.headRoom,
    }));
    await this.database.query('SELECT pool_configure($1::jsonb)', [JSON.stringify(configured)]);
  }

  /** @throws DomainError MODEL.NO_HEALTHY_DEPLOYMENT when whoever joined this line now would wait for a broken provider */
  async demandHealthy({ model, segment }: ModelRoute): Promise<void> {
    // By name and not by id, as admission does: another process may have been started with newer deployments than this one.
    const serving = (await this.currentHealth()).filter(
      (each) => each.model === model && each.segments.includes(segment),
    );
    const soonest = Math.min(...serving.map(({ openMs }) => openMs));
    if (soonest === 0) return;
    throw new DomainError('MODEL.NO_HEALTHY_DEPLOYMENT', {
      detail: 'このモデルの提供元で障害が続いています。しばらくしてからやり直すか、別のモデルを選んでください。',
      ...(Number.isFinite(soonest) && { retryAfterSeconds: Math.ceil(soonest / 1_000) }),
    });
  }

  /**
   * Tells what a call met: throttling slows the pace and takes what the execution held, failures in a row open the breaker.
   * @param elapsedMs since the call began; its instant is then told by the database's clock, the only one all share
   */
  async reportFault(holder: RoomHolder, deploymentId: string, code: ErrorCode, elapsedMs: number): Promise<void> {
    const kind = code === 'MODEL.THROTTLED' ? 'throttled' : 'failed';
    const { tenantId, jobId, fence } = holder;
    await this.database.query(
      'SELECT pool_fault($1, $2, clock_timestamp() - make_interval(secs => $3 / 1000.0), $4, $5, $6)',
      [deploymentId, kind, elapsedMs, tenantId, jobId, fence],
    );
  }

  /**
   * Moves the room that an execution holds to another deployment of its route.
   * @param owed whether the call that was made may have cost something: its tokens then stay spent where it was made
   * @returns the deployment to call now; null when no other has room
   */
  async reroute(holder: RoomHolder, avoid: readonly string[], owed: boolean): Promise<string | null> {
    const { tenantId, jobId, fence } = holder;
    const [row] = await this.database.query<{ id: string | null }>('SELECT pool_reroute($1, $2, $3, $4, $5) AS id', [
      tenantId,
      jobId,
      fence,
      avoid,
      owed,
    ]);
    return row?.id ?? null;
  }

  /** At most a second old, and asked for once however many requests wait for it. */
  private currentHealth(): Promise<DeploymentHealth[]> {
    if (!this.health || performance.now() - this.askedAt > MAX_AGE_MS) {
      this.askedAt = performance.now();
      this.health = this.database.query<DeploymentHealth>(HEALTH);
      // What failed is asked again by the next one, not remembered for a second.
      this.health.catch(() => (this.askedAt = -Infinity));
    }
    return this.health;
  }
}
