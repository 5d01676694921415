import { Injectable } from '@nestjs/common';
import type { ModelDeployment } from '#libs/config';
import { TenantDatabase, type TenantScope } from '#libs/database';
import { DomainError, type ErrorCode } from '#libs/kernel';
import type { MeteredUsage } from '#libs/metering';
import {
  type FinishReason,
  ModelPool,
  type RoomHolder,
  SharedPool,
  type TokenUsage,
  type UsageSource,
} from '#libs/model-pool';
import { Log } from '#libs/observability';
import { callIdOf } from '../job.ts';
import { LostCalls } from '../lost-calls/lost-calls.ts';
import { LiveAnswers } from '../stream/live-answers.ts';
import { type ComposedPrompt, countCharacters } from './prompt-composer.ts';
import type { Outcome } from './job-settlement.ts';
import { type ClaimedJob, RunRepository } from './run-repository.ts';

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
  readonly callId: string;
  readonly deployment: ModelDeployment;
  readonly text: string;
  readonly finishReason: FinishReason | null;
  readonly metered: { readonly usage: TokenUsage; readonly source: UsageSource } | null;
  readonly failure: ErrorCode | null;
  /** Whether it is on record as lost, or may be: we did not hear the end of that. */
  readonly notedAsLost: boolean;
}

/** Another deployment may do better. A refused request would be refused there too. */
const MOVES_ON: readonly ErrorCode[] = [
  'MODEL.THROTTLED',
  'MODEL.UNAVAILABLE',
  'MODEL.TIMED_OUT',
  'MODEL.STREAM_BROKEN',
];

/**
 * The calls of one execution: from deployment to deployment until one begins to answer, and never further. Words that
 * were shown are not taken back, and what may have begun is owed.
 */
@Injectable()
export class ModelAttempts {
  constructor(
    private readonly pool: ModelPool,
    private readonly shared: SharedPool,
    private readonly database: TenantDatabase,
    private readonly repository: RunRepository,
    private readonly lostCalls: LostCalls,
    private readonly answers: LiveAnswers,
    private readonly log: Log,
  ) {}

  async run(attempted: Attempted): Promise<Outcome | NoRoom> {
    const tried: string[] = [];
    let next = attempted.job.deploymentId;
    let last: FinishedCall | undefined;
    let owes = false;
    for (let number = 1; next !== null; number += 1) {
      tried.push(next);
      const deployment = this.pool.deployment(next);
      // One that only other processes are configured with is left to them.
      const call = deployment && (await this.call(attempted, deployment, number));
      if (call && !mayMoveOn(attempted, call)) return toOutcome(attempted, call);
      last = call ?? last;
      owes ||= Boolean(call?.metered);
      next = await this.another(attempted, tried, owes);
      // What may have cost something goes on at once or not at all: in line it could be tried, and billed, many times.
      if (last && owes && next === null) return toOutcome(attempted, last);
      const refused = next && (await this.record(attempted, { number: number + 1, deploymentId: next }, call));
      if (call && refused === 'METERING.BUDGET_EXHAUSTED')
        return toOutcome(attempted, { ...call, metered: null, failure: refused });
      if (next && call?.metered) last = { ...call, notedAsLost: true };
      if (refused) return last && owes ? toOutcome(attempted, last) : givenBack(last);
    }
    return givenBack(last);
  }

  /** One call, read to its end. What the model used is metered even when the call failed or the reader left. */
  private async call(attempted: Attempted, deployment: ModelDeployment, number: number): Promise<FinishedCall> {
    const { job, prompt, leave } = attempted;
    const callId = callIdOf(job.id, job.fence, number);
    const { system, messages, stop } = prompt;
    const request = { callId, deployment, maxTokens: job.maxTokens, system, messages, stop };
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
      await this.report(attempted, { callId, deployment, failure }, performance.now() - begunAt);
    }
    return { callId, deployment, text, finishReason, metered, failure, notedAsLost: false };
  }

  private async report(
    attempted: Attempted,
    { callId, deployment, failure }: { callId: string; deployment: ModelDeployment; failure: ErrorCode },
    elapsedMs: number,
  ): Promise<void> {
    this.log.warn('model.call-failed', { callId, deployment: deployment.id, code: failure });
    if (!isFault(failure)) return;
    await this.shared
      .reportFault(holderOf(attempted), deployment.id, failure, elapsedMs)
      .catch((error: unknown) => this.log.warn('pool.fault-not-told', { error, deployment: deployment.id }));
  }

  /**
   * Puts the next call on record before it begins, so that it can be found if this worker is lost, and notes what the one
   * before may have used as owed.
   * @returns why the next call must not begin, or null
   */
  private async record(
    attempted: Attempted,
    begun: { readonly number: number; readonly deploymentId: string },
    before: FinishedCall | undefined,
  ): Promise<ErrorCode | null> {
    const { scope, job } = attempted;
    try {
      const affordable = await this.database.run(scope, async (tx) => {
        await this.repository.beginCall(tx, job, begun.number, begun.deploymentId);
        if (!before?.metered) return true;
        const lost = {
          callId: before.callId,
          jobId: job.id,
          acceptedAt: job.acceptedAt,
          deploymentId: before.deployment.id,
          // Its prompt is sent again; the characters are those of the call that answers.
          estimate: { ...before.metered.usage, inputCharacters: 0, outputCharacters: 0 },
        };
        if (await this.lostCalls.loseAndReserve(tx, lost, job)) return true;
        await this.repository.callNothing(tx, job);
        return false;
      });
      return affordable ? null : 'METERING.BUDGET_EXHAUSTED';
    } catch (error) {
      this.log.warn('job.call-not-recorded', { error, jobId: job.id });
      return 'SYSTEM.UNAVAILABLE';
    }
  }

  private another(attempted: Attempted, tried: readonly string[], owed: boolean): Promise<string | null> {
    return this.shared.reroute(holderOf(attempted), tried, owed).catch((error: unknown) => {
      this.log.warn('pool.not-rerouted', { error, jobId: attempted.job.id });
      return null;
    });
  }
}

const givenBack = (last: FinishedCall | undefined): NoRoom => ({
  status: 'queued',
  errorCode: last?.failure ?? 'MODEL.UNAVAILABLE',
});

const holderOf = ({ scope, job }: Attempted): RoomHolder => ({
  tenantId: scope.tenantId,
  jobId: job.id,
  fence: job.fence,
});

/** A refusal is the request's fault, and anything unforeseen is ours. */
const isFault = (code: ErrorCode): boolean => code.startsWith('MODEL.') && code !== 'MODEL.REFUSED';

function servedBy({ failure, finishReason, metered }: FinishedCall): boolean | null {
  if (failure) return isFault(failure) ? false : null;
  return finishReason !== null || metered?.source === 'provider' || null;
}

/** Never after the first word, which somebody may have read. */
const mayMoveOn = ({ leave }: Attempted, { failure, text }: FinishedCall): boolean =>
  failure !== null && MOVES_ON.includes(failure) && text === '' && !leave.aborted;

const withCharacters = ({ prompt }: Attempted, usage: TokenUsage, text: string): MeteredUsage => ({
  ...usage,
  inputCharacters: prompt.characters,
  outputCharacters: countCharacters(text),
});

function toOutcome(attempted: Attempted, call: FinishedCall): Outcome {
  const { text, finishReason, metered, failure, deployment, callId, notedAsLost } = call;
  const cancelled = attempted.leave.aborted;
  return {
    status: cancelled ? 'cancelled' : failure ? 'failed' : 'completed',
    text,
    finishReason: cancelled || failure ? null : (finishReason ?? 'stop'),
    errorCode: cancelled ? null : failure,
    metered: metered && { ...metered, usage: withCharacters(attempted, metered.usage, text) },
    deployment,
    callId,
    notedAsLost,
    served: servedBy(call),
  };
}

export const codeOf = (error: unknown): ErrorCode => (error instanceof DomainError ? error.code : 'SYSTEM.UNEXPECTED');
