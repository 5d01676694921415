CREATE OR REPLACE FUNCTION public.admission_hand_over(p_cities uuid[], p_jobs uuid[], p_places text[], p_quotas double precision[], p_now timestamp with time zone, p_lane text, p_market text, p_level double precision)
 RETURNS TABLE(tenant_id uuid, segment text, job_id uuid, delivery integer, deployment_id text)
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH entries AS (
    UPDATE admission_entries e SET stage = 'running', admitted_at = p_now, deliveries = e.deliveries + 1,
      deployment_id = a.place, quota_tokens = a.quota
    FROM unnest(p_cities, p_jobs, p_places, p_quotas) WITH ORDINALITY AS a (city, job, place, quota, turn)
    WHERE e.tenant_id = a.city AND e.job_id = a.job
    RETURNING e.tenant_id, e.job_id, e.segment, e.lane, e.route, e.actor_id, e.cost_tokens, e.deliveries, e.deployment_id,
      e.finished_at, a.turn),
  lines AS (
    UPDATE admission_lines l SET waiting = l.waiting - g.jobs, waiting_tokens = l.waiting_tokens - g.tokens,
      virtual_time = l.virtual_time + g.tokens
    FROM (SELECT tenant_id, lane, route, actor_id, count(*)::integer AS jobs, sum(cost_tokens)::bigint AS tokens
          FROM entries GROUP BY 1, 2, 3, 4) g
    WHERE l.tenant_id = g.tenant_id AND l.lane = g.lane AND l.route = g.route AND l.actor_id = g.actor_id
    RETURNING l.tenant_id, l.lane, l.route, g.jobs, g.tokens, l.virtual_time - g.tokens AS started),
  shares AS (
    UPDATE admission_shares s SET waiting = s.waiting - g.jobs, waiting_tokens = s.waiting_tokens - g.tokens,
      running = s.running + g.jobs
    FROM (SELECT tenant_id, sum(jobs)::integer AS jobs, sum(tokens)::bigint AS tokens FROM lines GROUP BY 1) g
    WHERE s.tenant_id = g.tenant_id
    RETURNING s.tenant_id, s.running, s.running_floor, s.running_limit, g.tokens / s.weight AS served),
  queues AS (
    UPDATE admission_queues q SET
      waiting = q.waiting - here.jobs, waiting_tokens = q.waiting_tokens - here.tokens,
      member_time = greatest(q.member_time, here.started), virtual_time = q.virtual_time + here.served,
      rank = CASE WHEN here.running < here.running_floor THEN 0 ELSE 1 END,
      at_limit = coalesce(here.running >= here.running_limit, false)
    FROM (
      SELECT w.lane, w.route, s.tenant_id, s.running, s.running_floor, s.running_limit, g.*,
             CASE WHEN w.lane = p_lane AND w.market = p_market THEN s.served ELSE 0 END AS served
      FROM shares s JOIN admission_queues w ON w.tenant_id = s.tenant_id AND w.waiting > 0
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(l.jobs), 0)::integer AS jobs, coalesce(sum(l.tokens), 0)::bigint AS tokens, max(l.started) AS started
        FROM lines l WHERE l.tenant_id = w.tenant_id AND l.lane = w.lane AND l.route = w.route) g) here
    WHERE q.tenant_id = here.tenant_id AND q.lane = here.lane AND q.route = here.route
    RETURNING q.lane, q.route, q.waiting > 0 AND NOT q.at_limit AS contends),
  routes AS (
    UPDATE admission_routes r SET waiting = r.waiting - g.jobs, level = greatest(r.level, p_level),
      contended = EXISTS (SELECT FROM queues q WHERE q.lane = g.lane AND q.route = g.route AND q.contends)
               OR EXISTS (SELECT FROM admission_queues q WHERE q.lane = g.lane AND q.route = g.route
                            AND q.waiting > 0 AND NOT q.at_limit AND q.tenant_id <> ALL (p_cities)),
      moved_at = CASE WHEN r.contended THEN greatest(r.moved_at, p_now) ELSE clock_timestamp() END,
      moved_tokens = r.moved_tokens * line_memory(r.contended, r.moved_at, p_now, g.jobs)
                   + CASE WHEN r.contended AND r.moved_at <= p_now THEN g.tokens ELSE 0 END,
      moved_seconds = r.moved_seconds * line_memory(r.contended, r.moved_at, p_now, g.jobs)
                    + CASE WHEN r.contended THEN greatest(0, extract(epoch FROM p_now - r.moved_at)) ELSE 0 END
    FROM (SELECT lane, route, sum(jobs)::integer AS jobs, sum(tokens)::bigint AS tokens FROM lines GROUP BY 1, 2) g
    WHERE r.lane = g.lane AND r.route = g.route)
  SELECT e.tenant_id, e.segment, e.job_id, e.deliveries, e.deployment_id FROM entries e
  WHERE e.finished_at IS NULL ORDER BY e.turn;
END $function$;
