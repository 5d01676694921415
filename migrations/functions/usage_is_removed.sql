CREATE OR REPLACE FUNCTION public.usage_is_removed()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
   BEGIN
     INSERT INTO removed_usage AS r
     SELECT (recorded_at AT TIME ZONE 'UTC')::date, model, deployment_id, price_id, count(*), sum(input_tokens),
       sum(output_tokens), sum(cache_read_tokens), sum(cache_write_tokens)
     FROM gone WHERE deployment_id IS NOT NULL GROUP BY 1, 2, 3, 4
     ON CONFLICT (day, model, deployment_id, price_id) DO UPDATE SET calls = r.calls + EXCLUDED.calls,
       input_tokens = r.input_tokens + EXCLUDED.input_tokens, output_tokens = r.output_tokens + EXCLUDED.output_tokens,
       cache_read_tokens = r.cache_read_tokens + EXCLUDED.cache_read_tokens,
       cache_write_tokens = r.cache_write_tokens + EXCLUDED.cache_write_tokens;
     RETURN NULL;
   END $function$;
