CREATE OR REPLACE FUNCTION public.pool_charge(p_deployments text[], p_tokens double precision[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('moyai.admission'));
  UPDATE pool_deployments d SET tokens_left = d.tokens_left - lost.tokens
  FROM (SELECT id, sum(tokens) AS tokens FROM unnest(p_deployments, p_tokens) AS l (id, tokens) GROUP BY id) AS lost
  WHERE d.id = lost.id;
END $function$;
