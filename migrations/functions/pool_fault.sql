CREATE OR REPLACE FUNCTION public.pool_fault(p_deployment text, p_kind text, p_began timestamp with time zone, p_tenant uuid, p_job uuid, p_fence integer)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_now timestamptz;
  v_held double precision;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('moyai.admission'));
  v_now := clock_timestamp();
  IF p_kind = 'throttled' THEN
    SELECT quota_tokens INTO v_held FROM admission_entries
    WHERE tenant_id = p_tenant AND job_id = p_job AND lease_fence = p_fence AND deployment_id = p_deployment
      AND stage = 'running' AND finished_at IS NULL FOR UPDATE;
    IF FOUND THEN
      UPDATE admission_entries SET quota_tokens = 0 WHERE tenant_id = p_tenant AND job_id = p_job;
    END IF;
    UPDATE pool_deployments d SET
      throttled_total = d.throttled_total + 1,
      throttle_level = said.level,
      throttled_at = said.at,
      tokens_left = CASE WHEN d.tokens_per_minute IS NOT NULL
                         THEN least(said.tokens, -pool_pace(said.level, said.at, v_now) * d.tokens_per_minute / 60) END,
      requests_left = CASE WHEN d.requests_per_minute IS NOT NULL
                           THEN least(said.requests, -pool_pace(said.level, said.at, v_now) * d.requests_per_minute / 60) END,
      refilled_at = v_now
    FROM (
      SELECT p.id, room.tokens, room.requests, CASE WHEN news THEN v_now ELSE p.throttled_at END AS at,
        CASE WHEN news THEN pool_level(p, room.tokens, room.requests, v_now) ELSE p.throttle_level END AS level
      FROM pool_deployments p
      CROSS JOIN LATERAL (SELECT p.throttled_at IS NULL OR p_began >= p.throttled_at + interval '1 s' AS news) AS told
      LEFT JOIN LATERAL (
        SELECT r.tokens + coalesce(v_held, 0) AS tokens, r.requests + 1 AS requests
        FROM pool_room(v_now) r WHERE r.id = p.id) AS room ON true
      WHERE p.id = p_deployment) AS said
    WHERE d.id = said.id;
  ELSE
    UPDATE pool_deployments SET
      failed_total = failed_total + 1,
      failures = CASE WHEN p_began < coalesce(open_until, closed_at) THEN failures ELSE failures + 1 END,
      open_until = CASE WHEN p_began < coalesce(open_until, closed_at) OR failures < 4 THEN open_until
                        ELSE v_now + make_interval(secs => least(60, 5 * power(2, least(failures, 10) - 4))) END
    WHERE id = p_deployment;
  END IF;
END $function$;
