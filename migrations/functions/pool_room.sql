CREATE OR REPLACE FUNCTION public.pool_room(p_now timestamp with time zone)
 RETURNS TABLE(id text, "position" integer, routes text, slots integer, concurrency integer, requests double precision, tokens double precision, token_limit double precision, token_factor double precision, held_slots integer, held_requests double precision, held_tokens double precision)
 LANGUAGE sql
 STABLE
AS $function$
  SELECT d.id, d.position, (SELECT string_agg(segment || '/' || d.model, ' ') FROM unnest(d.segments) AS segment),
    CASE WHEN d.open_until > p_now THEN 0
         WHEN d.open_until IS NOT NULL THEN greatest(0, least(d.places - d.running, 1 - (
           SELECT count(*)::integer FROM admission_entries e
           WHERE e.stage = 'running' AND e.admitted_at >= d.open_until AND e.deployment_id = d.id)))
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
$function$;
