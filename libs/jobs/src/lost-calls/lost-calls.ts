import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { TenantDatabase, type TenantScope, type TenantTransaction } from '#libs/database';
import { Clock, newId } from '#libs/kernel';
import {
  type BillableSubject,
  type BudgetHolder,
  BudgetKeeper,
  type MeteredUsage,
  UsageRecorder,
  billedTokens,
} from '#libs/metering';
import type { TokenUsage, UsageSource } from '#libs/model-pool';
import { jobSubject } from '../job.ts';

/** A call that was begun, or may have been, and whose usage did not reach us. */
export interface LostCall {
  readonly callId: string;
  readonly jobId: string;
  /** When the job was accepted: the month that is billed. */
  readonly acceptedAt: Date;
  readonly deploymentId: string;
  /** Billed where the provider keeps no log. Its characters are billed in any case: no log has them. */
  readonly estimate: MeteredUsage;
}

/**
 * What became of a lost call: as the provider logged it, as we guess it, or it never reached the model. Of a call that has
 * said something the last cannot be true; it is billed as we guess it.
 */
export type Verdict =
  | { readonly outcome: 'billed'; readonly usage: TokenUsage }
  | { readonly outcome: 'estimated' }
  | { readonly outcome: 'nothing owed' };

/** As the verdict has it, but for a call that had already been billed: its job knew that it used something and ended with it. */
type Resolution = Verdict['outcome'] | 'on record';

interface OpenCall {
  readonly id: string;
  readonly jobId: string;
  readonly deploymentId: string;
  readonly acceptedAt: Date;
  readonly model: string;
  readonly memberId: string | null;
  readonly apiKeyId: string | null;
  readonly departmentId: string | null;
  readonly purposeId: string | null;
  readonly inputTokens: string;
  readonly outputTokens: string;
  readonly inputCharacters: string;
  readonly outputCharacters: string;
}

const AUDIT_ACTIONS = {
  billed: 'job.call-billed',
  estimated: 'job.call-estimated',
  'nothing owed': 'job.call-not-owed',
  'on record': 'job.call-on-record',
} as const satisfies Record<Resolution, string>;

/** Whose reservation a lost call holds until it is resolved. */
const lostCallSubject = (id: string): BillableSubject => ({ type: 'lost_call', id });

/** Keeps the calls whose usage is owed but not known yet, and bills each once when it is (docs/decisions/0012). */
@Injectable()
export class LostCalls {
  constructor(
    private readonly database: TenantDatabase,
    private readonly usage: UsageRecorder,
    private readonly budget: BudgetKeeper,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /**
   * Notes a call as lost, once. It takes over what the job has reserved: the budget holds whatever it turns out to have used.
   * @returns the tokens it took over; null when the job held none, or the call was noted before
   */
  async lose(tx: TenantTransaction, call: LostCall): Promise<number | null> {
    const { estimate } = call;
    const [held] = await tx.query<{ tokens: string | null }>(
      `WITH lost AS (
         INSERT INTO lost_calls (tenant_id, id, segment, job_id, call_id, deployment_id, accepted_at,
           estimated_input_tokens, estimated_output_tokens, input_characters, output_characters, started_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
           (SELECT started_at FROM jobs WHERE tenant_id = $1 AND id = $4)) ON CONFLICT (tenant_id, call_id) DO NOTHING
         RETURNING id, job_id)
       SELECT budget_hand_over('job', job_id, 'lost_call', id) AS tokens FROM lost`,
      [
        tx.scope.tenantId,
        newId(),
        tx.scope.segment,
        call.jobId,
        call.callId,
        call.deploymentId,
        call.acceptedAt,
        estimate.inputTokens,
        estimate.outputTokens,
        estimate.inputCharacters,
        estimate.outputCharacters,
      ],
    );
    return held?.tokens ? Number(held.tokens) : null;
  }

  /**
   * As {@link lose}, for a job that calls a model again: the next call needs a reservation of its own.
   * @param holder whose work it is
   * @returns false when the budget has no room for it, or had none when an earlier execution asked, which took over what was
   *   reserved and then was lost, too; then the job must end with METERING.BUDGET_EXHAUSTED
   */
  async loseAndReserve(tx: TenantTransaction, call: LostCall, holder: BudgetHolder): Promise<boolean> {
    const tokens = await this.lose(tx, call);
    if (tokens === null) return false;
    const { jobId, acceptedAt } = call;
    return this.budget.reserveAgain(tx, { subject: jobSubject(jobId), holder, tokens, acceptedAt });
  }

  /**
   * Ends a lost call: bill, budget and audit in one transaction, once, whoever comes first. The audit tells what was recorded.
   * @returns false when there is no such lost call, or somebody else has resolved it
   */
  resolve(scope: TenantScope, callId: string, verdict: Verdict): Promise<boolean> {
    return this.database.run(scope, async (tx) => {
      const call = await this.take(tx, callId);
      if (!call) return false;
      const at = this.clock.now();
      const owed = owedBy(call, verdict);
      const recorded =
        owed !== null &&
        (await this.usage.settle(tx, {
          ...call,
          ...owed,
          subject: jobSubject(call.jobId),
          call: callId,
          reservedFor: lostCallSubject(call.id),
          recordedAt: at,
        }));
      if (!owed) await this.budget.release(tx, lostCallSubject(call.id), at);
      const resolution = resolutionOf(owed, recorded);
      await tx.query(
        'UPDATE lost_calls SET resolved_at = clock_timestamp(), outcome = $3 WHERE tenant_id = $1 AND id = $2',
        [scope.tenantId, call.id, resolution],
      );
      await this.audit.append(tx, {
        action: AUDIT_ACTIONS[resolution],
        actor: { type: 'system', id: null },
        subject: jobSubject(call.jobId),
        segment: scope.segment,
        details: { call: callId, deployment: call.deploymentId, tokens: recorded ? billedTokens(owed.usage) : 0 },
      });
      return true;
    });
  }

  /** Locks it, so that of several who come to resolve it all but the first find it resolved. */
  private async take(tx: TenantTransaction, callId: string): Promise<OpenCall | undefined> {
    const [call] = await tx.query<OpenCall>(
      `SELECT l.id, l.job_id AS "jobId", l.deployment_id AS "deploymentId", l.accepted_at AS "acceptedAt", j.model,
         j.member_id AS "memberId", j.api_key_id AS "apiKeyId", j.department_id AS "departmentId",
         j.purpose_id AS "purposeId", l.estimated_input_tokens AS "inputTokens",
         l.estimated_output_tokens AS "outputTokens", l.input_characters AS "inputCharacters",
         l.output_characters AS "outputCharacters"
       FROM lost_calls l JOIN jobs j ON j.tenant_id = l.tenant_id AND j.id = l.job_id
       WHERE l.tenant_id = $1 AND l.call_id = $2 AND l.resolved_at IS NULL FOR UPDATE OF l`,
      [tx.scope.tenantId, callId],
    );
    return call;
  }
}

interface Owed {
  readonly usage: MeteredUsage;
  readonly source: UsageSource;
}

function owedBy(call: OpenCall, verdict: Verdict): Owed | null {
  const outputTokens = Number(call.outputTokens);
  if (verdict.outcome === 'nothing owed' && outputTokens === 0) return null;
  const characters = {
    inputCharacters: Number(call.inputCharacters),
    outputCharacters: Number(call.outputCharacters),
  };
  if (verdict.outcome === 'billed') return { usage: { ...verdict.usage, ...characters }, source: 'provider' };
  const inputTokens = Number(call.inputTokens);
  return {
    usage: { inputTokens, outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0, ...characters },
    source: 'estimated',
  };
}

function resolutionOf(owed: Owed | null, recorded: boolean): Resolution {
  if (!owed) return 'nothing owed';
  if (!recorded) return 'on record';
  return owed.source === 'provider' ? 'billed' : 'estimated';
}
