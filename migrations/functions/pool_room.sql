CREATE OR REPLACE FUNCTION public.pool_room(p_now timestamp with time zone)
 RETURNS TABLE(id text, "position" integer, routes text, slots integer, concurrency integer, requests double precision, tokens double precision, token_limit double precision, token_factor double precision, held_slots integer, held_requests double precision, held_tokens double precision)
 LANGUAGE sql
 STABLE
AS $function$
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
$function$;
