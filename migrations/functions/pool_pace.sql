CREATE OR REPLACE FUNCTION public.pool_pace(p_level double precision, p_throttled_at timestamp with time zone, p_now timestamp with time zone)
 RETURNS double precision
 LANGUAGE sql
 IMMUTABLE
AS $function$
  SELECT CASE WHEN p_throttled_at IS NULL THEN 1
    ELSE least(1, greatest(0.02, p_level * (0.9 + power(greatest(0, since - 2.5) / 5, 3)))) END
  FROM (SELECT extract(epoch FROM p_now - p_throttled_at)::double precision AS since) AS s
$function$;
