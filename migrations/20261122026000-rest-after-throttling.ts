import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, executableBy, forwardOnly } from './owner.ts';

/** A throttling tells how much is still granted, and no second call pays for the same lesson (docs/decisions/0010). */
export class RestAfterThrottling20261122026000 implements MigrationInterface {
  name = 'RestAfterThrottling20261122026000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      POOL_PACE,
      POOL_PACED,
      POOL_LEVEL,
      'DROP FUNCTION pool_fault(text, text, timestamptz)',
      POOL_FAULT,
      ...executableBy(
        'moyai_admission',
        'pool_paced(double precision, double precision)',
        'pool_level(pool_deployments, double precision, double precision, timestamptz)',
        'pool_fault(text, text, timestamptz, uuid, uuid, integer)',
      ),
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

/**
 * The part of the granted quota to use now: after a throttling nine tenths of the level for 2.5 s, and then more, ever
 * faster: twice the level after 7.7 s, up to all that is granted.
 */
const POOL_PACE = `
CREATE OR REPLACE FUNCTION pool_pace(p_level double precision, p_throttled_at timestamptz, p_now timestamptz)
RETURNS double precision LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p_throttled_at IS NULL THEN 1
    ELSE least(1, greatest(0.02, p_level * (0.9 + power(greatest(0, since - 2.5) / 5, 3)))) END
  FROM (SELECT extract(epoch FROM p_now - p_throttled_at)::double precision AS since) AS s
$$`;

/** The seconds of full quota that pool_pace() has granted in the seconds since a throttling: its integral. */
const POOL_PACED = `
CREATE FUNCTION pool_paced(p_level double precision, p_seconds double precision)
RETURNS double precision LANGUAGE sql IMMUTABLE AS $$
  SELECT p_level * (0.9 * climbing + power(greatest(0, climbing - 2.5), 4) / 500) + (p_seconds - climbing)
  FROM (SELECT least(p_seconds, 2.5 + 5 * cbrt(greatest(0, 1 / p_level - 0.9))) AS climbing) AS c
$$`;

/**
 * The level to go on at after a throttling now: what was taken since the one before is what is granted at present, for
 * both times the account was empty at the provider. Seven tenths of the present pace where that cannot be told; never
 * less than half of it, for what one answer burns may come late.
 */
const POOL_LEVEL = `
CREATE FUNCTION pool_level(p_deployment pool_deployments, p_tokens double precision, p_requests double precision, p_now timestamptz)
RETURNS double precision LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN since <= 60 AND left_over IS NOT NULL THEN least(pace, greatest(pace / 2,
      -- the account began a second in debt
      (pool_paced(p_deployment.throttle_level, since) - 0.9 * p_deployment.throttle_level - left_over) / since))
    ELSE 0.7 * pace END
  FROM (
    SELECT pool_pace(p_deployment.throttle_level, p_deployment.throttled_at, p_now) AS pace,
           extract(epoch FROM p_now - p_deployment.throttled_at)::double precision AS since,
           -- seconds of full quota, of the one of the two that is nearer its end
           60 * least(p_tokens / p_deployment.tokens_per_minute, p_requests / p_deployment.requests_per_minute) AS left_over) AS s
$$`;

/**
 * A call failed before it began ('throttled') or the deployment did not do its work ('failed').
 *
 * A throttled deployment has no quota left, whatever our count says, and rests for a second. What the call held goes down
 * with it: given back later it would let the next call run into the same refusal. Calls that began before the pace was
 * lowered, or within a second of it, tell nothing new, nor do those that were on their way when the breaker opened. Five
 * failures in a row open the breaker for 5 s; every failure on trial doubles that, up to a minute.
 */
const POOL_FAULT = `
CREATE FUNCTION pool_fault(p_deployment text, p_kind text, p_began timestamptz, p_tenant uuid, p_job uuid, p_fence integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_now timestamptz;
  v_held double precision;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('moyai.admission'));
  v_now := clock_timestamp();
  IF p_kind = 'throttled' THEN
    SELECT quota_tokens INTO v_held FROM admission_entries
    WHERE tenant_id = p_tenant AND job_id = p_job AND lease_fence = p_fence AND deployment_id = p_deployment
      AND stage = 'running' AND finished_at IS NULL FOR UPDATE;
    IF FOUND THEN
      UPDATE admission_entries SET quota_tokens = 0 WHERE tenant_id = p_tenant AND job_id = p_job;
    END IF;
    UPDATE pool_deployments d SET
      throttled_total = d.throttled_total + 1,
      throttle_level = said.level,
      throttled_at = said.at,
      tokens_left = CASE WHEN d.tokens_per_minute IS NOT NULL
                         THEN least(said.tokens, -pool_pace(said.level, said.at, v_now) * d.tokens_per_minute / 60) END,
      requests_left = CASE WHEN d.requests_per_minute IS NOT NULL
                           THEN least(said.requests, -pool_pace(said.level, said.at, v_now) * d.requests_per_minute / 60) END,
      refilled_at = v_now
    FROM (
      SELECT p.id, room.tokens, room.requests, CASE WHEN news THEN v_now ELSE p.throttled_at END AS at,
        CASE WHEN news THEN pool_level(p, room.tokens, room.requests, v_now) ELSE p.throttle_level END AS level
      FROM pool_deployments p
      CROSS JOIN LATERAL (SELECT p.throttled_at IS NULL OR p_began >= p.throttled_at + interval '1 s' AS news) AS told
      LEFT JOIN LATERAL (
        SELECT r.tokens + coalesce(v_held, 0) AS tokens, r.requests + 1 AS requests
        FROM pool_room(v_now) r WHERE r.id = p.id) AS room ON true
      WHERE p.id = p_deployment) AS said
    WHERE d.id = said.id;
  ELSE
    UPDATE pool_deployments SET
      failed_total = failed_total + 1,
      failures = CASE WHEN open_until > v_now THEN failures ELSE failures + 1 END,
      open_until = CASE WHEN open_until > v_now OR failures < 4 THEN open_until
                        ELSE v_now + make_interval(secs => least(60, 5 * power(2, failures - 4))) END
    WHERE id = p_deployment;
  END IF;
END $$`;
