CREATE OR REPLACE FUNCTION public.admission_arrive()
 RETURNS void
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
BEGIN
  IF NOT EXISTS (SELECT FROM admission_entries WHERE stage = 'arrived') THEN RETURN; END IF;
  WITH arrived AS (
    UPDATE admission_entries e SET stage = 'waiting'
    FROM (SELECT tenant_id, job_id FROM admission_entries WHERE stage = 'arrived'
          ORDER BY (lane = 'batch'), sequence LIMIT 1000) a
    WHERE e.tenant_id = a.tenant_id AND e.job_id = a.job_id
    RETURNING e.tenant_id, e.lane, e.route, e.actor_id, e.cost_tokens),
  places AS (
    SELECT g.*, coalesce(p.market, g.route) AS market
    FROM (SELECT tenant_id, lane, route, count(*)::integer AS jobs, sum(cost_tokens)::bigint AS tokens
          FROM arrived GROUP BY 1, 2, 3) g
    LEFT JOIN pool_routes p ON p.route = g.route),
  shares AS (
    INSERT INTO admission_shares AS s (tenant_id, waiting, waiting_tokens)
    SELECT tenant_id, sum(jobs), sum(tokens) FROM places GROUP BY 1
    ON CONFLICT (tenant_id) DO UPDATE SET
      waiting = s.waiting + excluded.waiting, waiting_tokens = s.waiting_tokens + excluded.waiting_tokens
    RETURNING s.*),
  queues AS (
    INSERT INTO admission_queues AS q (tenant_id, lane, route, market, waiting, waiting_tokens, virtual_time, rank, at_limit)
    SELECT a.tenant_id, a.lane, a.route, a.market, a.jobs, a.tokens, own.stand,
      CASE WHEN s.running < s.running_floor THEN 0 ELSE 1 END, coalesce(s.running >= s.running_limit, false)
    FROM places a JOIN shares s ON s.tenant_id = a.tenant_id
    CROSS JOIN LATERAL (
      SELECT coalesce(max(w.virtual_time) FILTER (WHERE w.waiting > 0),
                      greatest(max(w.virtual_time), (SELECT max(r.level) FROM admission_routes r
                                                     WHERE r.lane = a.lane AND r.market = a.market)), 0) AS stand
      FROM admission_queues w WHERE w.tenant_id = a.tenant_id AND w.lane = a.lane AND w.market = a.market) own
    ON CONFLICT (tenant_id, lane, route) DO UPDATE SET waiting = q.waiting + excluded.waiting,
      waiting_tokens = q.waiting_tokens + excluded.waiting_tokens, virtual_time = excluded.virtual_time,
      rank = excluded.rank, at_limit = excluded.at_limit
    RETURNING q.tenant_id, q.lane, q.route, q.member_time),
  lines AS (
    INSERT INTO admission_lines AS l (tenant_id, lane, route, actor_id, waiting, waiting_tokens, virtual_time)
    SELECT a.tenant_id, a.lane, a.route, a.actor_id, count(*), sum(a.cost_tokens), q.member_time
    FROM arrived a JOIN queues q ON (q.tenant_id, q.lane, q.route) = (a.tenant_id, a.lane, a.route)
    GROUP BY a.tenant_id, a.lane, a.route, a.actor_id, q.member_time
    ON CONFLICT (tenant_id, lane, route, actor_id) DO UPDATE SET
      virtual_time = CASE WHEN l.waiting = 0 THEN greatest(l.virtual_time, excluded.virtual_time) ELSE l.virtual_time END,
      waiting = l.waiting + excluded.waiting, waiting_tokens = l.waiting_tokens + excluded.waiting_tokens)
  INSERT INTO admission_routes AS r (lane, route, market, waiting, lane_time)
  SELECT lane, route, market, sum(jobs), coalesce((SELECT max(o.lane_time) FROM admission_routes o WHERE o.market = places.market), 0)
  FROM places GROUP BY 1, 2, 3
  ON CONFLICT (lane, route) DO UPDATE SET waiting = r.waiting + excluded.waiting,
    contended = r.contended AND r.waiting > 0;
END $function$;
