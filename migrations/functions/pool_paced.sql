CREATE OR REPLACE FUNCTION public.pool_paced(p_level double precision, p_seconds double precision)
 RETURNS double precision
 LANGUAGE sql
 IMMUTABLE
AS $function$
  SELECT p_level * (0.9 * climbing + power(greatest(0, climbing - 2.5), 4) / 500) + (p_seconds - climbing)
  FROM (SELECT least(p_seconds, 2.5 + 5 * cbrt(greatest(0, 1 / p_level - 0.9))) AS climbing) AS c
$function$;
