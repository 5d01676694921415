import { Injectable } from '@nestjs/common';
import type { ModelDeployment } from '#libs/config';
import { ContentSeal, TenantDatabase, type TenantScope, type TenantSeal } from '#libs/database';
import { Clock, DomainError } from '#libs/kernel';
import { type FinishReason, ModelPool, type TokenUsage, type UsageSource } from '#libs/model-pool';
import { Log } from '#libs/observability';
import { type RunDelivery, Signals } from '#libs/queue';
import { FairAdmission } from '../admission/fair-admission.ts';
import { LiveAnswers } from '../stream/live-answers.ts';
import { JobSettlement, type Outcome } from './job-settlement.ts';
import { type Lease, LeaseKeeper } from './lease-keeper.ts';
import { type ComposedPrompt, composePrompt, countCharacters } from './prompt-composer.ts';
import { type ClaimedJob, type EarlierTurn, RunRepository } from './run-repository.ts';

/** After so many lost workers the job itself is the likely cause. */
const MAX_EXECUTIONS = 5;
const SETTLE_RETRY_MS = [50, 200, 500, 1_000, 2_000];
/** About five minutes. Then the lease runs out and the job is run again. */
const SETTLE_ATTEMPTS = 150;

export interface WorkerIdentity {
  /** Where readers of this worker's answers attach (host:port). */
  readonly address: string;
  readonly leaseMs: number;
}

interface Claim {
  readonly job: ClaimedJob;
  readonly turns: readonly EarlierTurn[];
}

interface Execution extends Claim {
  readonly scope: TenantScope;
  readonly seal: TenantSeal;
  readonly leave: AbortController;
}

/** One delivery: claim, call the model, stream, settle. Every step may be the last one this process makes. */
@Injectable()
export class JobRunner {
  /** By execution and not by job: a process that was paused may meet its own job again. */
  private readonly running = new Set<Execution>();

  constructor(
    private readonly database: TenantDatabase,
    private readonly contentSeal: ContentSeal,
    private readonly repository: RunRepository,
    private readonly pool: ModelPool,
    private readonly settlement: JobSettlement,
    private readonly leases: LeaseKeeper,
    private readonly answers: LiveAnswers,
    private readonly admission: FairAdmission,
    private readonly signals: Signals,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    signals.subscribe((signal) => {
      if (signal.kind !== 'job.cancel-requested') return;
      for (const { job, leave } of this.running) if (job.id === signal.jobId) leave.abort();
    });
  }

  async run({ tenantId, segment, jobId }: RunDelivery, worker: WorkerIdentity): Promise<void> {
    const scope = { tenantId, segment };
    const seal = await this.contentSeal.forTenant(scope);
    const claim = await this.claim(scope, jobId, worker);
    if (!claim) return; // a late copy of a delivery that somebody else has
    const execution: Execution = { ...claim, scope, seal, leave: new AbortController() };
    const { id, fence } = claim.job;
    const lease: Lease = { tenantId, jobId: id, fence, onEnd: () => execution.leave.abort() };
    this.running.add(execution);
    this.leases.hold(lease);
    try {
      await this.settle(execution, await this.execute(execution, worker));
    } finally {
      this.running.delete(execution);
      this.leases.drop(lease);
      this.answers.close(id, fence);
      this.signals.publish({ kind: 'job.finished', jobId: id });
      this.admission.request().catch((error: unknown) => this.log.warn('admission.failed', { error }));
    }
  }

  private claim(scope: TenantScope, jobId: string, { address, leaseMs }: WorkerIdentity): Promise<Claim | null> {
    return this.database.run(scope, async (tx) => {
      const job = await this.repository.claim(tx, { jobId, worker: address, leaseMs, now: this.clock.now() });
      if (!job) return null;
      const withTurns = job.conversationId && job.historyBytes > 0;
      return { job, turns: withTurns ? await this.repository.earlierTurns(tx, job) : [] };
    });
  }

  private async execute(execution: Execution, worker: WorkerIdentity): Promise<Outcome> {
    const { job, turns, seal } = execution;
    const unbilled = { text: '', finishReason: null, metered: null, deployment: null };
    if (!job.inputSealed || job.cancelRequested) return { ...unbilled, status: 'cancelled', errorCode: null };
    if (job.fence > MAX_EXECUTIONS) return { ...unbilled, status: 'failed', errorCode: 'JOBS.WORKER_LOST' };
    try {
      // After the claim, so that content that does not open ends the job instead of being delivered for ever.
      const prompt = composePrompt(job, job.inputSealed, turns, seal);
      const deployment = this.pool.deploymentFor(job.model, execution.scope.segment);
      this.answers.open(job, seal);
      const { simulated } = deployment;
      this.signals.publish({ kind: 'job.started', jobId: job.id, worker: worker.address, fence: job.fence, simulated });
      return await this.callModel(execution, prompt, deployment);
    } catch (error) {
      this.log.error('job.not-run', { error, jobId: job.id });
      return { ...unbilled, status: 'failed', errorCode: codeOf(error) };
    }
  }

  /** Reads the answer to its end. What the model used is billed even when the call failed or the reader left. */
  private async callModel(
    { job, leave }: Execution,
    prompt: ComposedPrompt,
    deployment: ModelDeployment,
  ): Promise<Outcome> {
    const request = { callId: `${job.id}.${job.fence}`, deployment, maxTokens: job.maxTokens, ...prompt };
    let text = '';
    let finishReason: FinishReason | null = null;
    let metered: { usage: TokenUsage; source: UsageSource } | undefined;
    let failure: unknown;
    try {
      for await (const event of this.pool.run(request, leave.signal)) {
        if (event.type === 'text') {
          text += event.text;
          this.answers.append(job.id, job.fence, event.text);
        } else if (event.type === 'finish') finishReason = event.reason;
        else metered = event;
      }
    } catch (error) {
      failure = error;
    }
    const cancelled = leave.signal.aborted;
    return {
      status: cancelled ? 'cancelled' : failure ? 'failed' : 'completed',
      text,
      finishReason: cancelled || failure ? null : (finishReason ?? 'stop'),
      errorCode: failure && !cancelled ? codeOf(failure) : null,
      metered: metered
        ? {
            usage: { ...metered.usage, inputCharacters: prompt.characters, outputCharacters: countCharacters(text) },
            source: metered.source,
          }
        : null,
      deployment,
    };
  }

  /** Tries until the outcome is stored or proven not ours to store: an answer already paid for must not be lost to a restart. */
  private async settle({ scope, job, seal }: Execution, outcome: Outcome): Promise<void> {
    for (let attempt = 0; attempt < SETTLE_ATTEMPTS; attempt += 1) {
      try {
        await this.settlement.settle(scope, job, seal, outcome);
        return;
      } catch (error) {
        this.log.warn('job.settlement-retried', { error, jobId: job.id, attempt });
        const wait = SETTLE_RETRY_MS[Math.min(attempt, SETTLE_RETRY_MS.length - 1)];
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }
}

const codeOf = (error: unknown) => (error instanceof DomainError ? error.code : 'SYSTEM.UNEXPECTED');
