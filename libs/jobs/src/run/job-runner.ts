import { Injectable } from '@nestjs/common';
import {
  ContentSeal,
  type SharedWork,
  TenantDatabase,
  type TenantScope,
  type TenantSeal,
  type TenantTransaction,
} from '#libs/database';
import { Clock, type ErrorCode } from '#libs/kernel';
import { ModelPool } from '#libs/model-pool';
import { Log } from '#libs/observability';
import { type RunDelivery, Signals } from '#libs/queue';
import { FairAdmission } from '../admission/fair-admission.ts';
import { callIdOf } from '../job.ts';
import type { JobStatus } from '../job-state.ts';
import { type LostCall, LostCalls } from '../lost-calls/lost-calls.ts';
import { LiveAnswers } from '../stream/live-answers.ts';
import { JobSettlement, type Outcome } from './job-settlement.ts';
import { type Lease, LeaseKeeper } from './lease-keeper.ts';
import { ModelAttempts, type NoRoom, codeOf } from './model-attempts.ts';
import { composePrompt } from './prompt-composer.ts';
import { type ClaimedJob, type EarlierTurn, NO_CALL, RunRepository } from './run-repository.ts';

/** After so many lost workers the job itself is the likely cause. */
const MAX_LOST_EXECUTIONS = 5;
/** After so many tries to find a deployment the job fails with what the last one met: about a minute of throttling. */
const MAX_RETURNS = 10;
const MIN_RETURN_PAUSE_MS = 250;
const MAX_RETURN_PAUSE_MS = 8_000;
const STORE_RETRY_MS = [50, 200, 500, 1_000, 2_000];
/** About five minutes. Then the lease runs out and the job is run again. */
const STORE_ATTEMPTS = 150;

export interface WorkerIdentity {
  /** Where readers of this worker's answers attach (host:port). */
  readonly address: string;
  readonly leaseMs: number;
}

interface Claim {
  readonly job: ClaimedJob;
  readonly turns: readonly EarlierTurn[];
  /** How the execution ends without any call; null when it calls. */
  readonly ending: Outcome | null;
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
    private readonly attempts: ModelAttempts,
    private readonly settlement: JobSettlement,
    private readonly lostCalls: LostCalls,
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
    let status: JobStatus = 'running';
    try {
      const result = await this.execute(execution, worker);
      ({ status } = await this.store(execution, result));
    } finally {
      this.running.delete(execution);
      this.leases.drop(lease);
      this.answers.close(id, fence);
      this.signals.publish({ kind: status === 'queued' ? 'job.returned' : 'job.finished', jobId: id });
      // Awaited, so that the queue is asked for the next delivery by what ends this one when the job in its place is there.
      await this.admission.giveRoomBack().catch((error: unknown) => this.log.warn('admission.failed', { error }));
    }
  }

  private claim(scope: TenantScope, jobId: string, { address, leaseMs }: WorkerIdentity): Promise<Claim | null> {
    const claim = async (tx: TenantTransaction): Promise<SharedWork<Claim | null>> => {
      const job = await this.repository.claim(tx, { jobId, worker: address, leaseMs, now: this.clock.now() });
      if (!job) return { result: null };
      const lost = lostCallBefore(job);
      // If the one before was to make no call, it had found no room for any, or ends for what ends this one, too.
      const affordable = lost ? await this.lostCalls.loseAndReserve(tx, lost, job) : job.lostCallNumber !== NO_CALL;
      const ending = endingOf(job, affordable);
      if (ending) await this.repository.callNothing(tx, job);
      const withTurns = !ending && job.conversationId && job.historyBytes > 0;
      const turns = withTurns ? await this.repository.earlierTurns(tx, job) : [];
      return { result: { job, ending, turns } };
    };
    return this.database.together(scope, claim, 'claims');
  }

  private async execute(execution: Execution, worker: WorkerIdentity): Promise<Outcome | NoRoom> {
    const { scope, job, turns, ending, seal, leave } = execution;
    if (ending) return ending;
    try {
      // After the claim, so that content that does not open ends the job instead of being delivered for ever.
      const prompt = composePrompt(job, job.inputSealed!, turns, seal);
      this.answers.open(job, seal);
      const simulated = this.pool.isSimulated(job.model);
      this.signals.publish({ kind: 'job.started', jobId: job.id, worker: worker.address, fence: job.fence, simulated });
      const result = await this.attempts.run({ scope, job, prompt, leave: leave.signal });
      if (result.status !== 'queued') return result;
      if (leave.signal.aborted) return notCalled('cancelled', null);
      return job.returns < MAX_RETURNS ? result : notCalled('failed', result.errorCode);
    } catch (error) {
      this.log.error('job.not-run', { error, jobId: job.id });
      return notCalled('failed', codeOf(error));
    }
  }

  /**
   * Tries until the result is stored or proven not ours to store: an answer already paid for must not be lost to a restart.
   * @returns what became of the job: one that cannot go back into line is cancelled
   */
  private async store(execution: Execution, found: Outcome | NoRoom): Promise<Outcome | NoRoom> {
    const { scope, job } = execution;
    let result = found;
    for (let attempt = 0; attempt < STORE_ATTEMPTS; attempt += 1) {
      try {
        if (result.status === 'queued') {
          if (await this.database.run(scope, (tx) => this.repository.giveBack(tx, job, returnPauseMs(job)))) break;
          result = notCalled('cancelled', null);
        }
        await this.settle(execution, result);
        break;
      } catch (error) {
        this.log.warn('job.result-not-stored', { error, jobId: job.id, attempt });
        const wait = STORE_RETRY_MS[Math.min(attempt, STORE_RETRY_MS.length - 1)];
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
    return result;
  }

  /** This execution's call may count as lost, as it does for whoever has taken the job over. If we know what it used, nobody need ask. */
  private async settle({ scope, job, seal }: Execution, outcome: Outcome): Promise<void> {
    const settled = await this.settlement.settle(scope, job, seal, outcome);
    const { callId, metered, notedAsLost } = outcome;
    if ((!settled || notedAsLost) && callId && metered?.source === 'provider')
      await this.lostCalls.resolve(scope, callId, { outcome: 'billed', usage: metered.usage });
  }
}

/** How it ends without a call, which is known when it is claimed. */
function endingOf(job: ClaimedJob, affordable: boolean): Outcome | null {
  if (!job.inputSealed || job.cancelRequested) return notCalled('cancelled', null);
  if (job.fence - job.returns > MAX_LOST_EXECUTIONS) return notCalled('failed', 'JOBS.WORKER_LOST');
  return affordable ? null : notCalled('failed', 'METERING.BUDGET_EXHAUSTED');
}

/** The call of a worker that was lost. Nobody read its answer, so it has no characters. */
function lostCallBefore(job: ClaimedJob): LostCall | null {
  const { id, fence, lostCallNumber, lostCallDeploymentId } = job;
  if (lostCallNumber === null || lostCallNumber === NO_CALL || lostCallDeploymentId === null) return null;
  return {
    callId: callIdOf(id, fence - 1, lostCallNumber),
    jobId: id,
    acceptedAt: job.acceptedAt,
    deploymentId: lostCallDeploymentId,
    estimate: {
      inputTokens: job.estimatedInputTokens,
      outputTokens: 0,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      inputCharacters: 0,
      outputCharacters: 0,
    },
  };
}

/** A provider that throttles wants less, not the same again at once. */
const returnPauseMs = ({ returns }: ClaimedJob): number =>
  Math.min(MAX_RETURN_PAUSE_MS, MIN_RETURN_PAUSE_MS * 2 ** returns);

const notCalled = (status: 'cancelled' | 'failed', errorCode: ErrorCode | null): Outcome => ({
  status,
  errorCode,
  text: '',
  finishReason: null,
  metered: null,
  deployment: null,
  callId: null,
  notedAsLost: false,
  served: null,
});
