CREATE OR REPLACE FUNCTION public.line_memory(p_contended boolean, p_moved_at timestamp with time zone, p_now timestamp with time zone, p_jobs integer)
 RETURNS double precision
 LANGUAGE sql
 IMMUTABLE
AS $function$
  SELECT CASE WHEN p_contended THEN greatest(exp(-least(3600, greatest(0, extract(epoch FROM p_now - p_moved_at)::double precision)) / 30), power(0.95, p_jobs))
              WHEN p_now > p_moved_at + interval '10 min' THEN 0 ELSE 1 END
$function$;
