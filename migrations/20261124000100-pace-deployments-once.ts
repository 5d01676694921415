import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/**
 * The planner wrote a deployment's pace anew wherever pool_room() uses it, so that each was worked out nine times: with sixty
 * deployments two thirds of what a call of admit() took. It is worked out once; the answers are the same.
 */
export class PaceDeploymentsOnce20261124000100 implements MigrationInterface {
  name = 'PaceDeploymentsOnce20261124000100';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [POOL_ROOM]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

const POOL_ROOM = `
CREATE OR REPLACE FUNCTION pool_room(p_now timestamp with time zone)
 RETURNS TABLE(id text, "position" integer, routes text, slots integer, concurrency integer, requests double precision, tokens double precision, token_limit double precision, token_factor double precision, held_slots integer, held_requests double precision, held_tokens double precision)
 LANGUAGE sql
 STABLE
AS $$
  SELECT d.id, d.position, (SELECT string_agg(segment || '/' || d.model, ' ') FROM unnest(d.segments) AS segment),
    CASE WHEN d.open_until > p_now THEN 0
         WHEN d.open_until IS NOT NULL THEN greatest(0, 1 - d.running)
         ELSE greatest(0, d.places - d.running) END,
    d.concurrency,
    CASE WHEN d.requests_per_minute IS NULL THEN 'Infinity'
         ELSE least(greatest(1, d.pace * d.requests_per_minute),
                    d.requests_left + d.pace * d.requests_per_minute * d.passed / 60) END,
    CASE WHEN d.tokens_per_minute IS NULL THEN 'Infinity'
         ELSE least(d.pace * d.tokens_per_minute, d.tokens_left + d.pace * d.tokens_per_minute * d.passed / 60) END,
    coalesce(d.pace * d.tokens_per_minute, 'Infinity'),
    greatest(1, d.output_burn_down * d.output_share),
    floor(d.held * d.places)::integer,
    floor(d.held * coalesce(d.pace * d.requests_per_minute, 0)),
    d.held * coalesce(d.pace * d.tokens_per_minute, 0)
  -- OFFSET 0: the planner would write the pace anew wherever it is used, nine times a deployment.
  FROM (
    SELECT paced.*, CASE WHEN paced.quiet_at > p_now - interval '5 s' AND paced.open_until IS NULL
                          AND paced.head_room * paced.places >= 1 THEN paced.head_room ELSE 0 END AS held
    FROM (
      SELECT timed.*, ceil(timed.concurrency * timed.pace)::integer AS places
      FROM (
        SELECT p.*, greatest(0, extract(epoch FROM p_now - p.refilled_at))::double precision AS passed,
          CASE WHEN p.throttled_at IS NULL THEN 1 ELSE pool_pace(p.throttle_level, p.throttled_at, p_now) END AS pace
        FROM pool_deployments p WHERE p.retired_at IS NULL OFFSET 0) AS timed
      OFFSET 0) AS paced
    OFFSET 0) AS d
$$`;
