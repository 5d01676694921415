import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AdmissionDatabase } from '#libs/database';
import { Metrics } from '#libs/observability';
import { type BreakerState, type DeploymentState, type PoolState, PoolOverview } from './pool-overview.ts';

const BREAKER: Record<BreakerState, number> = { closed: 0, trial: 1, open: 2 };

/** What each sample of a deployment is called, what it says and where it is taken from. */
const DEPLOYMENT_GAUGES = [
  ['moyai_deployment_running_jobs', 'Jobs it serves', ({ running }) => running],
  ['moyai_deployment_concurrency', 'Jobs it may serve at once', ({ concurrency }) => concurrency],
  ['moyai_deployment_head_room', 'Of these, held free for cities that ask for little', ({ headRoom }) => headRoom],
  ['moyai_deployment_requests_granted', 'Requests a minute the provider grants', ({ requests }) => requests?.granted],
  ['moyai_deployment_requests_used', 'Of a minute’s requests, used', ({ requests }) => requests?.used],
  ['moyai_deployment_requests_left', 'Requests that may be sent now', ({ requests }) => requests?.left],
  ['moyai_deployment_tokens_granted', 'Quota tokens a minute the provider grants', ({ tokens }) => tokens?.granted],
  ['moyai_deployment_tokens_used', 'Of a minute’s quota tokens, used', ({ tokens }) => tokens?.used],
  ['moyai_deployment_tokens_left', 'Quota tokens free now; negative while owed', ({ tokens }) => tokens?.left],
  ['moyai_deployment_pace_ratio', 'Part of the quota in use since the last throttling', ({ pace }) => pace],
  ['moyai_deployment_breaker_state', '0 closed, 1 on trial, 2 open', ({ breaker }) => BREAKER[breaker]],
] as const satisfies readonly (readonly [string, string, (state: DeploymentState) => number | undefined])[];

const DEPLOYMENT_COUNTERS = [
  ['moyai_deployment_admissions_total', 'Jobs admitted to it', ({ admittedTotal }) => admittedTotal],
  ['moyai_deployment_throttles_total', 'Calls the provider throttled', ({ throttledTotal }) => throttledTotal],
  ['moyai_deployment_failures_total', 'Calls it failed', ({ failedTotal }) => failedTotal],
  ['moyai_deployment_quota_tokens_total', 'Quota tokens burned', ({ quotaTokensTotal }) => quotaTokensTotal],
] as const satisfies readonly (readonly [string, string, (state: DeploymentState) => number])[];

interface LostCalls {
  readonly open: number;
  readonly oldest: number;
}

const LOST = `
  SELECT count(*)::integer AS open, coalesce(extract(epoch FROM clock_timestamp() - min(lost_at)), 0)::float8 AS oldest
  FROM lost_calls WHERE resolved_at IS NULL`;

/**
 * The shared pool as samples, read from the database when they are asked for. Every worker tells the same figures: take
 * their maximum and not their sum. Cities are not among the labels.
 */
@Injectable()
export class PoolMetrics implements OnModuleInit {
  private readonly gauges;
  private readonly counters;
  private readonly depth;
  private readonly oldestWait;
  private readonly lostCalls;
  private readonly oldestLostCall;
  private readonly readable;

  constructor(
    private readonly metrics: Metrics,
    private readonly database: AdmissionDatabase,
    private readonly overview: PoolOverview,
  ) {
    this.gauges = DEPLOYMENT_GAUGES.map(([name, help, read]) => ({
      gauge: metrics.gauge(name, help, ['deployment']),
      read,
    }));
    this.counters = DEPLOYMENT_COUNTERS.map(([name, help, read]) => ({
      counter: metrics.counter(name, help, ['deployment']),
      read,
    }));
    this.depth = metrics.gauge('moyai_queue_jobs', 'Jobs waiting in line', ['lane']);
    this.oldestWait = metrics.gauge('moyai_queue_oldest_wait_seconds', 'Wait of the oldest job in line', ['lane']);
    this.lostCalls = metrics.gauge('moyai_lost_calls_open', 'Calls whose usage is still asked of the provider');
    this.oldestLostCall = metrics.gauge('moyai_lost_calls_oldest_seconds', 'Age of the oldest of them');
    this.readable = metrics.gauge('moyai_pool_readable', '1 when the figures of the pool could be read');
  }

  onModuleInit(): void {
    this.metrics.beforeExposition(() => this.refresh());
  }

  /** Figures that cannot be read are left out: old ones would look like a pool at rest. */
  private async refresh(): Promise<void> {
    for (const { gauge } of this.gauges) gauge.reset();
    for (const { counter } of this.counters) counter.reset();
    for (const gauge of [this.depth, this.oldestWait]) gauge.reset();
    for (const gauge of [this.lostCalls, this.oldestLostCall]) gauge.remove();
    this.readable.set(0);
    await this.database.run(async (tx) => {
      const [state, [lost]] = await Promise.all([this.overview.read(tx), tx.query<LostCalls>(LOST)]);
      this.tell(state);
      this.lostCalls.set(lost!.open);
      this.oldestLostCall.set(lost!.oldest);
    });
    this.readable.set(1);
  }

  private tell({ deployments, lanes }: PoolState): void {
    for (const state of deployments) {
      const labels = { deployment: state.id };
      for (const { gauge, read } of this.gauges) {
        const value = read(state);
        if (value !== undefined) gauge.set(labels, value);
      }
      for (const { counter, read } of this.counters) counter.inc(labels, read(state));
    }
    for (const { lane, waiting, oldestWaitMs } of lanes) {
      this.depth.set({ lane }, waiting);
      this.oldestWait.set({ lane }, (oldestWaitMs ?? 0) / 1_000);
    }
  }
}
