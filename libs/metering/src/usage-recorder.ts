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
 * A reservation ends with its call also when that is on record already: what has no use to record has nothing to hold.
 * Of budgets the months in order, and after all else: the city waits for them until the commit. Reservations are looked up one
 * by one and then changed by their ids: joined, a plan made for a small city would read all that a large one ever had.
 */
const SETTLE = `
  WITH fact AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::text[],
      $9::text[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::text[],
      $17::timestamptz[], $18::timestamptz[], $19::bigint[], $20::date[], $21::text[], $22::text[], $23::uuid[])
    AS f (id, subject_type, subject_id, member_id, api_key_id, department_id, purpose_id, model, deployment_id,
      input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, input_characters, output_characters, source,
      accepted_at, recorded_at, tokens, month, call, reserved_type, reserved_id)),
  recorded AS (
    INSERT INTO usage_records (tenant_id, id, subject_type, subject_id, segment, member_id, api_key_id,
      department_id, purpose_id, model, deployment_id, input_tokens, output_tokens, cache_read_tokens,
      cache_write_tokens, input_characters, output_characters, source, accepted_at, recorded_at,
      call, billing_month, price_id, fx_rate_id)
    SELECT app_tenant_id(), f.id, f.subject_type, f.subject_id, app_segment(), f.member_id, f.api_key_id,
      f.department_id, f.purpose_id, f.model, f.deployment_id, f.input_tokens, f.output_tokens, f.cache_read_tokens,
      f.cache_write_tokens, f.input_characters, f.output_characters, f.source, f.accepted_at, f.recorded_at,
      f.call, rating.billing_month, rating.price_id, rating.fx_rate_id
    FROM fact f CROSS JOIN LATERAL usage_rating(f.model, f.accepted_at) rating
    ON CONFLICT (tenant_id, subject_type, subject_id, call) WHERE subject_type <> 'external_call' DO NOTHING
    RETURNING id, price_id),
  held AS MATERIALIZED (
    SELECT f.id, f.recorded_at, (
      SELECT r.id FROM reservations r WHERE r.tenant_id = app_tenant_id()
        AND r.subject_type = f.reserved_type AND r.subject_id = f.reserved_id) AS reservation_id
    FROM fact f),
  ended AS (
    UPDATE reservations r SET state = 'settled', ended_at = f.recorded_at
    FROM held f
    WHERE r.tenant_id = app_tenant_id() AND r.id = f.reservation_id
      AND r.id = ANY (ARRAY(SELECT reservation_id FROM held)) AND r.ended_at IS NULL
    RETURNING f.id, r.tokens)
  SELECT budget_settle(month, used, freed, department_id, member_id), recorded, unrated
  FROM (
    SELECT f.month, f.department_id, f.member_id, coalesce(sum(f.tokens) FILTER (WHERE r.id IS NOT NULL), 0)::bigint AS used,
      coalesce(sum(e.tokens), 0)::bigint AS freed, array_agg(r.id) FILTER (WHERE r.id IS NOT NULL) AS recorded,
      array_agg(r.id) FILTER (WHERE r.id IS NOT NULL AND r.price_id IS NULL) AS unrated
    FROM fact f LEFT JOIN recorded r USING (id) LEFT JOIN ended e USING (id)
    WHERE r.id IS NOT NULL OR e.id IS NOT NULL
    GROUP BY f.month, f.department_id, f.member_id ORDER BY f.month) moved`;

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

  /** @returns false when this call was billed before; then no more than its reservation ends */
  async settle(tx: TenantTransaction, fact: UsageFact): Promise<boolean> {
    const { subject, usage, reservedFor = subject } = fact;
    const id = newId();
    const settled = await tx.gather<{ recorded: string[] | null; unrated: string[] | null }>(SETTLE, [
      id,
      subject.type,
      subject.id,
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
    ]);
    if (settled.some(({ unrated }) => unrated?.includes(id))) this.unrated.inc({ deployment: fact.deploymentId });
    return settled.some(({ recorded }) => recorded?.includes(id));
  }
}
