import { Injectable } from '@nestjs/common';
import type { ModelDeployment } from '#libs/config';
import type { TenantScope } from '#libs/database';
import { DomainError, type ErrorCode } from '#libs/kernel';
import { type FinishReason, ModelPool, PoolState, type TokenUsage, type UsageSource } from '#libs/model-pool';
import { Log } from '#libs/observability';
import { LiveAnswers } from '../stream/live-answers.ts';
import { type ComposedPrompt, countCharacters } from './prompt-composer.ts';
import type { Outcome } from './job-settlement.ts';
import type { ClaimedJob } from './run-repository.ts';

/** What an execution asks of the pool. */
export interface Attempted {
  readonly scope: TenantScope;
  readonly job: ClaimedJob;
  readonly prompt: ComposedPrompt;
  /** Aborts when the answer is of no use any more; the call then only meters. */
  readonly leave: AbortSignal;
}

/** No deployment has begun the answer, and none that has not been tried has room: the job waits on, in line. */
export interface NoRoom {
  readonly status: 'queued';
  readonly errorCode: ErrorCode;
}

interface FinishedCall {
  readonly text: string;
  readonly finishReason: FinishReason | null;
  readonly metered: { readonly usage: TokenUsage; readonly source: UsageSource } | null;
  readonly failure: ErrorCode | null;
}

/** The provider did not take the call, so that another one may. A refused request would be refused there too. */
const MOVES_ON: readonly ErrorCode[] = ['MODEL.THROTTLED', 'MODEL.UNAVAILABLE'];

/**
 * The calls of one execution: from deployment to deployment until one begins to answer, and never further. Words that
 * were shown are not taken back, and what may have begun is owed.
 */
@Injectable()
export class ModelAttempts {
  constructor(
    private readonly pool: ModelPool,
    private readonly state: PoolState,
    private readonly answers: LiveAnswers,
    private readonly log: Log,
  ) {}

  async run(attempted: Attempted): Promise<Outcome | NoRoom> {
    const { job, leave } = attempted;
    const tried: string[] = [];
    let next = job.deploymentId;
    let errorCode: ErrorCode = 'MODEL.UNAVAILABLE';
    for (let call = 1; next !== null; call += 1) {
      tried.push(next);
      const deployment = this.pool.deployment(next);
      // One that only other processes are configured with is left to them.
      if (deployment) {
        const finished = await this.call(attempted, deployment, call);
        if (!finished.failure || leave.aborted) return toOutcome(attempted, deployment, finished);
        errorCode = finished.failure;
        if (finished.metered || !MOVES_ON.includes(errorCode)) return toOutcome(attempted, deployment, finished);
      }
      next = await this.another(attempted, tried);
    }
    return { status: 'queued', errorCode };
  }

  /** One call, read to its end. What the model used is metered even when the call failed or the reader left. */
  private async call(
    { job, prompt, leave }: Attempted,
    deployment: ModelDeployment,
    call: number,
  ): Promise<FinishedCall> {
    const callId = call === 1 ? `${job.id}.${job.fence}` : `${job.id}.${job.fence}.${call}`;
    const { system, messages } = prompt;
    const request = { callId, deployment, maxTokens: job.maxTokens, system, messages };
    const begunAt = performance.now();
    let text = '';
    let finishReason: FinishReason | null = null;
    let metered: FinishedCall['metered'] = null;
    let failure: ErrorCode | null = null;
    try {
      for await (const event of this.pool.run(request, leave)) {
        if (event.type === 'text') {
          text += event.text;
          this.answers.append(job.id, job.fence, event.text);
        } else if (event.type === 'finish') finishReason = event.reason;
        else metered = event;
      }
    } catch (error) {
      failure = codeOf(error);
      await this.report(deployment, failure, callId, performance.now() - begunAt);
    }
    return { text, finishReason, metered, failure };
  }

  private async report(deployment: ModelDeployment, code: ErrorCode, callId: string, elapsedMs: number): Promise<void> {
    this.log.warn('model.call-failed', { callId, deployment: deployment.id, code });
    if (!isFault(code)) return;
    await this.state
      .reportFault(deployment.id, code, elapsedMs)
      .catch((error: unknown) => this.log.warn('pool.fault-not-told', { error, deployment: deployment.id }));
  }

  private another({ scope, job }: Attempted, tried: readonly string[]): Promise<string | null> {
    return this.state
      .reroute({ tenantId: scope.tenantId, jobId: job.id, fence: job.fence }, tried)
      .catch((error: unknown) => {
        this.log.warn('pool.not-rerouted', { error, jobId: job.id });
        return null;
      });
  }
}

/** A refusal is the request's fault, and anything unforeseen is ours. */
const isFault = (code: ErrorCode): boolean => code.startsWith('MODEL.') && code !== 'MODEL.REFUSED';

function servedBy({ failure, finishReason, metered }: FinishedCall): boolean | null {
  if (failure) return isFault(failure) ? false : null;
  return finishReason !== null || metered?.source === 'provider' || null;
}

function toOutcome({ prompt, leave }: Attempted, deployment: ModelDeployment, finished: FinishedCall): Outcome {
  const { text, finishReason, metered, failure } = finished;
  const cancelled = leave.aborted;
  return {
    status: cancelled ? 'cancelled' : failure ? 'failed' : 'completed',
    text,
    finishReason: cancelled || failure ? null : (finishReason ?? 'stop'),
    errorCode: cancelled ? null : failure,
    metered: metered && {
      usage: { ...metered.usage, inputCharacters: prompt.characters, outputCharacters: countCharacters(text) },
      source: metered.source,
    },
    deployment,
    served: servedBy(finished),
  };
}

export const codeOf = (error: unknown): ErrorCode => (error instanceof DomainError ? error.code : 'SYSTEM.UNEXPECTED');
