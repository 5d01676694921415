CREATE OR REPLACE FUNCTION public.admission_positions(p_tenant_ids uuid[], p_job_ids uuid[])
 RETURNS TABLE(job_id uuid, stage text, ahead integer, wait_ms bigint)
 LANGUAGE plpgsql
 STABLE
AS $function$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH mine AS MATERIALIZED (
    SELECT e.job_id, e.tenant_id, e.lane, e.route, e.actor_id, e.stage, own.jobs, own.tokens,
           coalesce(l.virtual_time, q.member_time, 0) + own.tokens AS member_start,
           CASE WHEN q.waiting > 0 THEN q.virtual_time
                ELSE coalesce(greatest(q.virtual_time, (SELECT max(r.level) FROM admission_routes r
                                                        WHERE r.lane = e.lane AND r.market = coalesce(q.market, e.route))), 0) END AS virtual_time
    FROM unnest(p_tenant_ids, p_job_ids) AS asked (city, job)
    JOIN admission_entries e ON e.tenant_id = asked.city AND e.job_id = asked.job
    LEFT JOIN admission_queues q ON (q.tenant_id, q.lane, q.route) = (e.tenant_id, e.lane, e.route)
    LEFT JOIN admission_lines l ON (l.tenant_id, l.lane, l.route, l.actor_id) = (e.tenant_id, e.lane, e.route, e.actor_id)
    CROSS JOIN LATERAL (
      SELECT count(*) AS jobs, coalesce(sum(w.cost_tokens), 0) AS tokens FROM admission_entries w
      WHERE w.tenant_id = e.tenant_id AND w.lane = e.lane AND w.route = e.route AND w.actor_id = e.actor_id
        AND w.stage = 'waiting' AND w.sequence < e.sequence) own
    WHERE e.finished_at IS NULL
  ),
  -- Routes that share a deployment stand in one another's way.
  served AS MATERIALIZED (
    SELECT d.id, segment || '/' || d.model AS route FROM pool_deployments d, unnest(d.segments) AS segment
    WHERE d.retired_at IS NULL
  ),
  rivals AS MATERIALIZED (
    SELECT DISTINCT own.route, other.route AS rival FROM served own JOIN served other ON other.id = own.id
    UNION SELECT route, route FROM mine
  ),
  -- Cities in line, each with all that it has on these routes; one at a limit of its own is in nobody's way.
  cities AS MATERIALIZED (
    SELECT r.route, q.lane, q.tenant_id, q.virtual_time, min(s.weight)::double precision AS weight,
           sum(q.waiting)::double precision AS waiting, sum(q.waiting_tokens::double precision) AS tokens,
           coalesce(sum(q.waiting_tokens::double precision) FILTER (WHERE q.route = r.route), 0) AS line_tokens
    FROM admission_queues q JOIN admission_shares s ON s.tenant_id = q.tenant_id JOIN rivals r ON r.rival = q.route
    WHERE q.waiting > 0 AND NOT q.at_limit AND r.route IN (SELECT route FROM mine WHERE stage <> 'running')
    GROUP BY r.route, q.lane, q.tenant_id, q.virtual_time
  ),
  lanes AS MATERIALIZED (
    SELECT route, lane, sum(waiting) AS jobs, sum(tokens) AS tokens FROM cities GROUP BY 1, 2
  ),
  -- Tokens a second, also counting the time since the line last moved.
  rates AS MATERIALIZED (
    SELECT lane, route, waiting > 0 AS waits, moved_tokens / seconds AS rate
    FROM admission_routes CROSS JOIN LATERAL (
      SELECT moved_seconds + CASE WHEN contended THEN greatest(0, extract(epoch FROM now() - moved_at))::double precision
                                  ELSE 0 END AS seconds) AS measured
    WHERE seconds > 0.5 AND moved_tokens > 0 AND (contended OR moved_at > now() - interval '10 min')
  ),
  -- Tokens of another lane that go before each token of a job's own.
  precedence AS MATERIALIZED (
    SELECT own.lane, other.lane AS other,
      CASE WHEN own.lane = other.lane THEN 1 WHEN other.share IS NULL THEN 'Infinity' WHEN own.share IS NULL THEN 0
           ELSE other.share / own.share END AS ratio
    FROM admission_lanes own CROSS JOIN admission_lanes other
  ),
  in_city AS (
    SELECT m.*, m.jobs + coalesce(c.jobs, 0) AS city_jobs, m.tokens + coalesce(c.tokens, 0) AS city_tokens
    FROM mine m LEFT JOIN LATERAL (
      SELECT sum(least(l.waiting, ceil((m.member_start - l.virtual_time) * l.waiting / l.waiting_tokens))) AS jobs,
             sum(least(l.waiting_tokens, m.member_start - l.virtual_time)) AS tokens
      FROM admission_lines l
      WHERE l.tenant_id = m.tenant_id AND l.lane = m.lane AND l.route = m.route AND l.actor_id <> m.actor_id
        AND l.waiting > 0 AND l.virtual_time < m.member_start) c ON m.stage <> 'running'
  ),
  -- What the city has in other lines: it moves on by that, too.
  in_other_lines AS (
    SELECT m.*, s.weight::double precision, s.running, s.running_limit, o.*,
           s.running_limit * s.served_tokens / nullif(s.served_seconds, 0) AS city_rate
    FROM in_city m LEFT JOIN admission_shares s ON s.tenant_id = m.tenant_id
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(tokens), 0) AS other_tokens, coalesce(sum(tokens) FILTER (WHERE rival), 0) AS rival_tokens
      FROM (
        SELECT CASE WHEN p.ratio = 'Infinity' THEN q.waiting_tokens ELSE least(q.waiting_tokens, m.city_tokens * p.ratio) END AS tokens,
               q.lane = m.lane AND EXISTS (SELECT FROM rivals r WHERE r.route = m.route AND r.rival = q.route) AS rival
        FROM admission_queues q JOIN precedence p ON p.lane = m.lane AND p.other = q.lane
        WHERE q.tenant_id = m.tenant_id AND q.waiting > 0 AND (q.lane, q.route) <> (m.lane, m.route)) AS lines) o
  ),
  among_cities AS (
    SELECT m.*, m.city_jobs + coalesce(o.jobs, 0) AS all_jobs, m.city_tokens + coalesce(o.line_tokens, 0) AS line_tokens,
           m.city_tokens + m.rival_tokens + coalesce(o.tokens, 0) AS all_tokens
    FROM in_other_lines m
    LEFT JOIN LATERAL (
      SELECT sum(ceil(c.waiting * part)) AS jobs, sum(c.tokens * part) AS tokens, sum(c.line_tokens * part) AS line_tokens
      FROM cities c
      CROSS JOIN LATERAL (
        SELECT (m.virtual_time + (m.city_tokens + m.rival_tokens) / m.weight - c.virtual_time) * c.weight / c.tokens AS behind) b
      CROSS JOIN LATERAL (SELECT least(1, b.behind) AS part) p
      WHERE c.lane = m.lane AND c.route = m.route AND c.tenant_id <> m.tenant_id AND b.behind > 0
    ) o ON m.stage <> 'running'
  )
  SELECT m.job_id, m.stage,
    CASE WHEN m.stage = 'running' THEN 0 ELSE (m.all_jobs + other_lanes.urgent_jobs)::integer END,
    CASE WHEN m.stage = 'running' THEN 0
         WHEN m.stage <> 'held' THEN (1000 * greatest(
           (m.all_tokens + other_lanes.tokens) / pace.of_all,
           CASE WHEN other_lanes.waiting_tokens < 10 * pace.of_all THEN m.line_tokens / pace.of_line END,
           nullif((m.city_tokens + m.other_tokens) / m.city_rate
                  * greatest(0, 1 - (m.running_limit - m.running) / nullif(m.city_jobs, 0)::double precision), 0)))::bigint END
  FROM among_cities m
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(l.jobs) FILTER (WHERE p.ratio = 'Infinity'), 0) AS urgent_jobs,
           coalesce(sum(l.tokens), 0) AS waiting_tokens,
           coalesce(sum(CASE WHEN p.ratio = 'Infinity' THEN l.tokens ELSE least(l.tokens, m.all_tokens * p.ratio) END), 0) AS tokens
    FROM lanes l JOIN precedence p ON p.lane = m.lane AND p.other = l.lane
    WHERE l.route = m.route AND l.lane <> m.lane AND p.ratio > 0) other_lanes
  CROSS JOIN LATERAL (
    SELECT max(of_line) AS of_line, sum(of_route) AS of_all
    FROM (
      SELECT max(r.rate) FILTER (WHERE r.waits) AS of_route, max(r.rate) FILTER (WHERE r.lane = m.lane AND r.route = m.route) AS of_line
      FROM rates r JOIN rivals v ON v.rival = r.route WHERE v.route = m.route GROUP BY r.route) AS routes) pace;
END $function$;
