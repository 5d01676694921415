import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, executableBy, forwardOnly } from './owner.ts';

/**
 * A small part of a large deployment is held free for cities that ask for little, while others wait (docs/decisions/0042):
 * how much, and since when nobody came for it. admit() heeds it from the next migration on.
 */
export class HoldHeadRoom20261122058500 implements MigrationInterface {
  name = 'HoldHeadRoom20261122058500';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `ALTER TABLE pool_deployments
         -- the part of it that is held free
         ADD head_room double precision NOT NULL DEFAULT 0.01 CHECK (head_room BETWEEN 0 AND 0.1),
         -- when a job that may take head room was last sent here while somebody waited
         ADD quiet_at timestamptz`,
      POOL_CONFIGURE,
      'DROP FUNCTION pool_room(timestamptz)',
      POOL_ROOM,
      ...executableBy('moyai_admission', 'pool_room(timestamptz)'),
      'GRANT EXECUTE ON FUNCTION pool_room(timestamptz) TO moyai_ops',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

/** Deployments as configured, in order; what is not among them takes no more jobs. What is in use stays counted. */
const POOL_CONFIGURE = `
CREATE OR REPLACE FUNCTION pool_configure(p_deployments jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('moyai.admission'));
  INSERT INTO pool_deployments AS d (id, position, model, segments, provider, region, simulated, concurrency,
    requests_per_minute, tokens_per_minute, output_burn_down, head_room, requests_left, tokens_left)
  SELECT id, position, model, segments, provider, region, simulated, concurrency, "requestsPerMinute", "tokensPerMinute",
    coalesce("outputBurnDown", 1), coalesce("headRoom", 0.01), "requestsPerMinute", "tokensPerMinute"
  FROM jsonb_to_recordset(p_deployments) AS configured (id text, position integer, model text, segments text[],
    provider text, region text, simulated boolean, concurrency integer, "requestsPerMinute" double precision,
    "tokensPerMinute" double precision, "outputBurnDown" double precision,
    "headRoom" double precision)
  ON CONFLICT (id) DO UPDATE SET position = excluded.position, model = excluded.model, segments = excluded.segments,
    provider = excluded.provider, region = excluded.region, simulated = excluded.simulated,
    concurrency = excluded.concurrency, requests_per_minute = excluded.requests_per_minute,
    tokens_per_minute = excluded.tokens_per_minute, output_burn_down = excluded.output_burn_down,
    head_room = excluded.head_room, retired_at = NULL,
    requests_left = CASE WHEN excluded.requests_per_minute IS NULL THEN NULL
                         ELSE coalesce(d.requests_left, excluded.requests_left) END,
    tokens_left = CASE WHEN excluded.tokens_per_minute IS NULL THEN NULL
                       ELSE coalesce(d.tokens_left, excluded.tokens_left) END;
  UPDATE pool_deployments SET retired_at = clock_timestamp()
  WHERE retired_at IS NULL AND id NOT IN (SELECT c ->> 'id' FROM jsonb_array_elements(p_deployments) AS c);
END $$`;

/**
 * What each deployment can take now. The quota buckets hold a minute's quota at the present pace and fill evenly; a
 * deployment whose breaker is open takes nothing, and after that one call on trial.
 *
 * `held_*` is the head room within that: none where it is less than a place, nor where nobody has come for it for 5 s.
 */
const POOL_ROOM = `
CREATE FUNCTION pool_room(p_now timestamptz)
RETURNS TABLE (id text, "position" integer, routes text, slots integer, concurrency integer, requests double precision,
  tokens double precision, token_limit double precision, token_factor double precision, held_slots integer,
  held_requests double precision, held_tokens double precision) LANGUAGE sql STABLE AS $$
  SELECT d.id, d.position, (SELECT string_agg(segment || '/' || d.model, ' ') FROM unnest(d.segments) AS segment),
    CASE WHEN d.open_until > p_now THEN 0
         WHEN d.open_until IS NOT NULL THEN greatest(0, 1 - d.running)
         ELSE greatest(0, ceil(d.concurrency * pace)::integer - d.running) END,
    d.concurrency,
    CASE WHEN d.requests_per_minute IS NULL THEN 'Infinity'
         ELSE least(greatest(1, pace * d.requests_per_minute),
                    d.requests_left + pace * d.requests_per_minute * passed / 60) END,
    CASE WHEN d.tokens_per_minute IS NULL THEN 'Infinity'
         ELSE least(pace * d.tokens_per_minute, d.tokens_left + pace * d.tokens_per_minute * passed / 60) END,
    coalesce(pace * d.tokens_per_minute, 'Infinity'),
    greatest(1, d.output_burn_down * d.output_share),
    floor(held * ceil(d.concurrency * pace))::integer,
    floor(held * coalesce(pace * d.requests_per_minute, 0)),
    held * coalesce(pace * d.tokens_per_minute, 0)
  FROM pool_deployments d
  CROSS JOIN LATERAL (
    SELECT pool_pace(d.throttle_level, d.throttled_at, p_now) AS pace,
           greatest(0, extract(epoch FROM p_now - d.refilled_at))::double precision AS passed) AS since
  CROSS JOIN LATERAL (
    SELECT CASE WHEN d.quiet_at > p_now - interval '5 s' AND d.open_until IS NULL
                 AND d.head_room * ceil(d.concurrency * pace) >= 1 THEN d.head_room ELSE 0 END AS held) AS head
  WHERE d.retired_at IS NULL
$$`;
