CREATE OR REPLACE FUNCTION public.admission_express(p_now timestamp with time zone)
 RETURNS TABLE(tenant_id uuid, segment text, job_id uuid, delivery integer, deployment_id text)
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
DECLARE
  v_arrived integer;
  v_cities uuid[];
  v_jobs uuid[];
  v_places text[];
  v_quotas double precision[];
BEGIN
  SELECT count(*) INTO v_arrived FROM (SELECT FROM admission_entries WHERE stage = 'arrived' LIMIT 17) AS arrived;
  IF v_arrived NOT BETWEEN 1 AND 16 THEN RETURN; END IF;
  WITH room AS MATERIALIZED (SELECT * FROM pool_room(p_now) WHERE slots > 0)
  SELECT array_agg(tenant_id), array_agg(job_id), array_agg(id), array_agg(need) INTO v_cities, v_jobs, v_places, v_quotas
  FROM (
    SELECT a.tenant_id, a.job_id, r.id, r.need,
      count(*) OVER city <= coalesce(s.running_limit - s.running, 16)
      AND count(*) OVER place <= least(r.slots, r.requests) AND sum(r.need) OVER place <= r.tokens AS fits
    FROM admission_entries a JOIN admission_shares s ON s.tenant_id = a.tenant_id
    CROSS JOIN LATERAL (
      SELECT p.*, a.input_tokens + a.max_tokens * p.token_factor AS need FROM room AS p
      WHERE a.route = ANY (string_to_array(p.routes, ' ')) ORDER BY p.slots::double precision / p.concurrency DESC, p.position LIMIT 1) r
    WHERE a.stage = 'arrived'
    WINDOW city AS (PARTITION BY a.tenant_id), place AS (PARTITION BY r.id)) AS placed
  WHERE fits;
  IF cardinality(v_jobs) IS DISTINCT FROM v_arrived THEN RETURN; END IF;

  UPDATE pool_deployments d SET running = d.running + t.jobs, admitted_total = d.admitted_total + t.jobs, refilled_at = p_now,
    requests_left = CASE WHEN d.requests_per_minute IS NOT NULL THEN r.requests - t.jobs END,
    tokens_left = CASE WHEN d.tokens_per_minute IS NOT NULL THEN r.tokens - t.tokens END
  FROM (SELECT place, count(*)::integer AS jobs, sum(quota) AS tokens FROM unnest(v_places, v_quotas) AS p (place, quota) GROUP BY 1) t
  JOIN pool_room(p_now) r ON r.id = t.place
  WHERE d.id = t.place;
  RETURN QUERY
  WITH entries AS (
    UPDATE admission_entries e SET stage = 'running', admitted_at = p_now, deliveries = e.deliveries + 1,
      deployment_id = a.place, quota_tokens = a.quota
    FROM unnest(v_cities, v_jobs, v_places, v_quotas) AS a (city, job, place, quota)
    WHERE e.tenant_id = a.city AND e.job_id = a.job
    RETURNING e.tenant_id, e.segment, e.job_id, e.deliveries, e.deployment_id, e.lane, e.route, e.cost_tokens, e.sequence),
  shares AS (
    UPDATE admission_shares s SET running = s.running + g.jobs
    FROM (SELECT tenant_id, count(*)::integer AS jobs FROM entries GROUP BY 1) g
    WHERE s.tenant_id = g.tenant_id RETURNING s.tenant_id, s.weight),
  stands AS MATERIALIZED (
    SELECT g.*, s.weight, own.stand
    FROM (SELECT e.tenant_id, e.lane, e.route, coalesce(p.market, e.route) AS market, sum(e.cost_tokens) AS tokens
          FROM entries e LEFT JOIN pool_routes p ON p.route = e.route GROUP BY 1, 2, 3, 4) g
    JOIN shares s ON s.tenant_id = g.tenant_id
    CROSS JOIN LATERAL (
      SELECT coalesce(max(w.virtual_time) FILTER (WHERE w.waiting > 0),
                      greatest(max(w.virtual_time), (SELECT max(r.level) FROM admission_routes r
                                                     WHERE r.lane = g.lane AND r.market = g.market)), 0) AS stand
      FROM admission_queues w WHERE w.tenant_id = g.tenant_id AND w.lane = g.lane AND w.market = g.market) own),
  queues AS (
    INSERT INTO admission_queues AS q (tenant_id, lane, route, market, virtual_time)
    SELECT tenant_id, lane, route, market, stand + tokens / weight FROM stands
    ON CONFLICT (tenant_id, lane, route) DO UPDATE SET virtual_time = excluded.virtual_time),
  routes AS (
    INSERT INTO admission_routes AS r (lane, route, market, waiting, level)
    SELECT lane, route, market, 0, max(stand) FROM stands GROUP BY 1, 2, 3
    ON CONFLICT (lane, route) DO UPDATE SET level = greatest(r.level, excluded.level))
  SELECT tenant_id, segment, job_id, deliveries, deployment_id FROM entries ORDER BY sequence;
END $function$;
