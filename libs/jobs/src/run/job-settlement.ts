import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import type { ModelDeployment } from '#libs/config';
import {
  type SharedWork,
  TenantDatabase,
  type TenantScope,
  type TenantSeal,
  type TenantTransaction,
  refusedWith,
} from '#libs/database';
import { Clock, type ErrorCode } from '#libs/kernel';
import { BudgetKeeper, type MeteredUsage, UsageRecorder, billedTokens } from '#libs/metering';
import { type FinishReason, type UsageSource, burnedQuotaTokens } from '#libs/model-pool';
import { JobMetrics } from '../job-metrics.ts';
import { jobSubject } from '../job.ts';
import type { TerminalStatus } from '../job-state.ts';
import { LostCalls } from '../lost-calls/lost-calls.ts';
import { type ClaimedJob, FENCE_LOST, RunRepository } from './run-repository.ts';

/** How an execution ended, with all that must be kept of it. */
export interface Outcome {
  readonly status: TerminalStatus;
  readonly text: string;
  readonly finishReason: FinishReason | null;
  readonly errorCode: ErrorCode | null;
  /** Null when the model was never reached, so that there is nothing to bill. */
  readonly metered: { readonly usage: MeteredUsage; readonly source: UsageSource } | null;
  readonly deployment: ModelDeployment | null;
  /** Of the call that `metered` belongs to. */
  readonly callId: string | null;
  /** Whether that call may be on record as lost already; then it is billed as such, and by nobody else. */
  readonly notedAsLost: boolean;
  /** Whether the deployment did its work; null when this execution does not tell. */
  readonly served: boolean | null;
}

/** Result, usage, budget and audit of an execution in one transaction: exactly one terminal state, exactly one bill. */
@Injectable()
export class JobSettlement {
  constructor(
    private readonly database: TenantDatabase,
    private readonly repository: RunRepository,
    private readonly usage: UsageRecorder,
    private readonly budget: BudgetKeeper,
    private readonly lostCalls: LostCalls,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
    private readonly metrics: JobMetrics,
  ) {}

  /** @returns false when this execution no longer holds the job; then nothing was written */
  async settle(scope: TenantScope, job: ClaimedJob, seal: TenantSeal, outcome: Outcome): Promise<boolean> {
    const outputSealed = outcome.text ? seal.seal({ rowId: job.id, column: 'output' }, outcome.text) : null;
    try {
      await this.database.together(scope, async (tx) => this.ending(tx, job, outcome, outputSealed));
      this.metrics.ended(outcome.status);
      return true;
    } catch (error) {
      if (refusedWith(error, FENCE_LOST)) return false;
      throw error;
    }
  }

  private ending(
    tx: TenantTransaction,
    job: ClaimedJob,
    outcome: Outcome,
    outputSealed: Buffer | null,
  ): SharedWork<void> {
    const finishedAt = this.clock.now();
    const { metered, deployment } = outcome;
    const tokens = metered ? billedTokens(metered.usage) : 0;
    return {
      result: undefined,
      rows: () =>
        this.repository.end(tx, job, deployment, {
          status: outcome.status,
          outputSealed,
          outputBytes: Buffer.byteLength(outcome.text),
          finishReason: outcome.finishReason,
          errorCode: outcome.errorCode,
          spentTokens: tokens,
          burnedTokens: metered && deployment ? burnedQuotaTokens(metered.usage, deployment.outputBurnDown) : 0,
          served: outcome.served,
          finishedAt,
        }),
      budget: () => this.bill(tx, job, outcome, finishedAt),
      audit: () =>
        this.audit.append(tx, {
          action: `job.${outcome.status}`,
          actor: { type: 'system', id: null },
          subject: jobSubject(job.id),
          segment: tx.scope.segment,
          outcome: outcome.status === 'failed' ? 'failed' : 'success',
          details: {
            deployment: deployment?.id ?? null,
            tokens: isToBeFoundOut(outcome) ? null : tokens,
            code: outcome.errorCode,
          },
        }),
    };
  }

  private bill(tx: TenantTransaction, job: ClaimedJob, outcome: Outcome, finishedAt: Date): Promise<unknown> {
    const { metered, deployment, callId } = outcome;
    if (!metered || !deployment || !callId) return this.budget.release(tx, jobSubject(job.id), finishedAt);
    const { id: jobId, acceptedAt } = job;
    if (isToBeFoundOut(outcome))
      return Promise.all([
        this.lostCalls.lose(tx, { callId, jobId, acceptedAt, deploymentId: deployment.id, estimate: metered.usage }),
        // Where it is noted already, the job holds what it reserved for the call after it.
        this.budget.release(tx, jobSubject(jobId), finishedAt),
      ]);
    return this.usage.settle(tx, {
      subject: jobSubject(jobId),
      call: callId,
      ...metered,
      model: job.model,
      deploymentId: deployment.id,
      memberId: job.memberId,
      apiKeyId: job.apiKeyId,
      departmentId: job.departmentId,
      purposeId: job.purposeId,
      acceptedAt,
      recordedAt: finishedAt,
    });
  }
}

/** Whether its bill comes later: the provider's log will say what we can but guess, or it is a lost call already. */
const isToBeFoundOut = ({ metered, deployment, notedAsLost }: Outcome): boolean =>
  notedAsLost || (metered?.source === 'estimated' && deployment?.invocationLogGroup !== undefined);
