import { Injectable } from '@nestjs/common';
import type { TenantTransaction } from '#libs/database';
import { newId } from '#libs/kernel';
import { Metrics } from '#libs/observability';
import { type BillableSubject, budgetMonthOf } from './budget-keeper.ts';

/** Counts of one piece of finished work. Tokens as the provider bills them; characters as Unicode code points. */
export interface MeteredUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly inputCharacters: number;
  readonly outputCharacters: number;
}

/** A usage fact and whom it is for. */
export interface UsageFact {
  readonly subject: BillableSubject;
  /** Which of the subject's calls: each is billed once. For jobs the id under which the provider knows it. */
  readonly call: string;
  /** Whose reservation ends with it, where that is not the subject's own. */
  readonly reservedFor?: BillableSubject | undefined;
  readonly usage: MeteredUsage;
  readonly source: 'provider' | 'estimated';
  readonly model: string;
  readonly deploymentId: string;
  readonly memberId: string | null;
  readonly apiKeyId: string | null;
  readonly departmentId: string | null;
  readonly purposeId: string | null;
  readonly acceptedAt: Date;
  readonly recordedAt: Date;
}

/** Tokens that count against a budget: every kind the provider bills. */
export const billedTokens = (usage: MeteredUsage): number =>
  usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;

/**
 * Writes usage once per call, rates it by the price book and turns its reservation into use, in the caller's transaction.
 * Usage that nothing rates is recorded all the same: the month does not close before somebody has given it a price.
 */
@Injectable()
export class UsageRecorder {
  private readonly unrated;

  constructor(metrics: Metrics) {
    this.unrated = metrics.counter('moyai_usage_unrated_total', 'Calls recorded without a price that rates them', [
      'deployment',
    ]);
  }

  /** @returns false when this call was billed before; then nothing changes */
  async settle(tx: TenantTransaction, fact: UsageFact): Promise<boolean> {
    const { subject, usage, reservedFor = subject } = fact;
    const [settled] = await tx.query<{ unrated: boolean }>(
      `WITH recorded AS (
         INSERT INTO usage_records (tenant_id, id, subject_type, subject_id, segment, member_id, api_key_id,
           department_id, purpose_id, model, deployment_id, input_tokens, output_tokens, cache_read_tokens,
           cache_write_tokens, input_characters, output_characters, source, accepted_at, recorded_at,
           call, billing_month, price_id, fx_rate_id)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $23,
           rating.billing_month, rating.price_id, rating.fx_rate_id
         FROM usage_rating($10, $19) rating
         ON CONFLICT (tenant_id, subject_type, subject_id, call) WHERE subject_type <> 'external_call' DO NOTHING
         RETURNING tenant_id, price_id),
       ended AS (
         UPDATE reservations r SET state = 'settled', ended_at = $20
         FROM recorded WHERE r.tenant_id = recorded.tenant_id AND r.subject_type = $24 AND r.subject_id = $25
           AND r.state = 'held' RETURNING r.tokens)
       SELECT budget_settle($22, $21, coalesce((SELECT tokens FROM ended), 0), $8, $6),
         recorded.price_id IS NULL AS unrated FROM recorded`,
      [
        tx.scope.tenantId,
        newId(),
        subject.type,
        subject.id,
        tx.scope.segment,
        fact.memberId,
        fact.apiKeyId,
        fact.departmentId,
        fact.purposeId,
        fact.model,
        fact.deploymentId,
        usage.inputTokens,
        usage.outputTokens,
        usage.cacheReadTokens,
        usage.cacheWriteTokens,
        usage.inputCharacters,
        usage.outputCharacters,
        fact.source,
        fact.acceptedAt,
        fact.recordedAt,
        billedTokens(usage),
        budgetMonthOf(fact.acceptedAt),
        fact.call,
        reservedFor.type,
        reservedFor.id,
      ],
    );
    if (settled?.unrated) this.unrated.inc({ deployment: fact.deploymentId });
    return settled !== undefined;
  }
}
