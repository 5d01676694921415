CREATE OR REPLACE FUNCTION public.pool_level(p_deployment pool_deployments, p_tokens double precision, p_requests double precision, p_now timestamp with time zone)
 RETURNS double precision
 LANGUAGE sql
 IMMUTABLE
AS $function$
  SELECT CASE WHEN since <= 60 AND left_over IS NOT NULL THEN least(pace, greatest(pace / 2,
      -- the account began a second in debt
      (pool_paced(p_deployment.throttle_level, since) - 0.9 * p_deployment.throttle_level - left_over) / since))
    ELSE 0.7 * pace END
  FROM (
    SELECT pool_pace(p_deployment.throttle_level, p_deployment.throttled_at, p_now) AS pace,
           extract(epoch FROM p_now - p_deployment.throttled_at)::double precision AS since,
           -- seconds of full quota, of the one of the two that is nearer its end
           60 * least(p_tokens / p_deployment.tokens_per_minute, p_requests / p_deployment.requests_per_minute) AS left_over) AS s
$function$;
