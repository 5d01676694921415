CREATE OR REPLACE FUNCTION public.pool_reroute(p_tenant uuid, p_job uuid, p_fence integer, p_avoid text[], p_owed boolean)
 RETURNS text
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_now timestamptz;
  v_entry admission_entries;
  v_to text;
  v_need double precision;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('moyai.admission'));
  v_now := clock_timestamp();
  SELECT * INTO v_entry FROM admission_entries
  WHERE tenant_id = p_tenant AND job_id = p_job AND stage = 'running' AND lease_fence = p_fence AND finished_at IS NULL
    AND returned_at IS NULL FOR UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  SELECT r.id, v_entry.input_tokens + v_entry.max_tokens * r.token_factor INTO v_to, v_need
  FROM pool_room(v_now) r
  WHERE v_entry.route = ANY (string_to_array(r.routes, ' ')) AND r.id <> ALL (p_avoid) AND r.slots > 0 AND r.requests >= 1
    AND r.tokens >= least(v_entry.input_tokens + v_entry.max_tokens * r.token_factor, r.token_limit)
  ORDER BY r.slots::double precision / r.concurrency DESC, r.position LIMIT 1;
  IF NOT FOUND THEN RETURN NULL; END IF;
  UPDATE pool_deployments SET running = running - 1,
    tokens_left = tokens_left + CASE WHEN p_owed THEN 0 ELSE v_entry.quota_tokens END
  WHERE id = v_entry.deployment_id;
  UPDATE pool_deployments d SET running = d.running + 1, admitted_total = d.admitted_total + 1, refilled_at = v_now,
    requests_left = CASE WHEN d.requests_per_minute IS NOT NULL THEN r.requests - 1 END,
    tokens_left = CASE WHEN d.tokens_per_minute IS NOT NULL THEN r.tokens - v_need END
  FROM pool_room(v_now) r WHERE d.id = v_to AND r.id = v_to;
  UPDATE admission_entries SET deployment_id = v_to, quota_tokens = v_need WHERE tenant_id = p_tenant AND job_id = p_job;
  RETURN v_to;
END $function$;
