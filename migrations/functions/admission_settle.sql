CREATE OR REPLACE FUNCTION public.admission_settle()
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
DECLARE
  v_left integer := 0;
  v_returned integer := 0;
  v_ended boolean;
  v_cancelled boolean;
  v_returning boolean;
  v_rested boolean;
BEGIN
  SELECT count(*) > 0, count(*) FILTER (WHERE stage = 'waiting') > 0 INTO v_ended, v_cancelled
  FROM admission_entries WHERE finished_at IS NOT NULL;
  SELECT count(*) FILTER (WHERE stage = 'running') > 0, count(*) FILTER (WHERE returned_at <= clock_timestamp()) > 0
  INTO v_returning, v_rested FROM admission_entries WHERE returned_at IS NOT NULL;

  -- Cancelled in line: rare, and all that touches the lines.
  IF v_cancelled THEN
    WITH gone AS (
      DELETE FROM admission_entries WHERE finished_at IS NOT NULL AND stage = 'waiting'
      RETURNING tenant_id, lane, route, actor_id, cost_tokens),
    lines AS (
      UPDATE admission_lines l SET waiting = l.waiting - g.jobs, waiting_tokens = l.waiting_tokens - g.tokens
      FROM (SELECT tenant_id, lane, route, actor_id, count(*)::integer AS jobs, sum(cost_tokens)::bigint AS tokens
            FROM gone GROUP BY 1, 2, 3, 4) g
      WHERE l.tenant_id = g.tenant_id AND l.lane = g.lane AND l.route = g.route AND l.actor_id = g.actor_id
      RETURNING l.tenant_id, l.lane, l.route, g.jobs, g.tokens),
    queues AS (
      UPDATE admission_queues q SET waiting = q.waiting - g.jobs, waiting_tokens = q.waiting_tokens - g.tokens
      FROM (SELECT tenant_id, lane, route, sum(jobs)::integer AS jobs, sum(tokens)::bigint AS tokens FROM lines GROUP BY 1, 2, 3) g
      WHERE q.tenant_id = g.tenant_id AND q.lane = g.lane AND q.route = g.route),
    routes AS (
      UPDATE admission_routes r SET waiting = r.waiting - g.jobs
      FROM (SELECT lane, route, sum(jobs)::integer AS jobs FROM lines GROUP BY 1, 2) g
      WHERE r.lane = g.lane AND r.route = g.route)
    UPDATE admission_shares s SET waiting = s.waiting - g.jobs, waiting_tokens = s.waiting_tokens - g.tokens
    FROM (SELECT tenant_id, sum(jobs)::integer AS jobs, sum(tokens)::bigint AS tokens FROM lines GROUP BY 1) g
    WHERE s.tenant_id = g.tenant_id;
  END IF;

  -- Given back: as if it had not been admitted. Its room is free at once; the job itself rests before it arrives anew.
  IF v_returning THEN
    WITH held AS (
      SELECT tenant_id, job_id, deployment_id, quota_tokens FROM admission_entries
      WHERE returned_at IS NOT NULL AND stage = 'running' AND finished_at IS NULL FOR UPDATE SKIP LOCKED),
    returned AS (
      UPDATE admission_entries e SET stage = 'resting', admitted_at = NULL, deployment_id = NULL, quota_tokens = NULL,
        lease_expires_at = NULL
      FROM held WHERE e.tenant_id = held.tenant_id AND e.job_id = held.job_id
      RETURNING e.tenant_id, e.lane, e.route, e.actor_id, e.cost_tokens, held.deployment_id, held.quota_tokens),
    deployments AS (
      UPDATE pool_deployments d SET running = d.running - g.jobs, tokens_left = d.tokens_left + g.tokens
      FROM (SELECT deployment_id, count(*)::integer AS jobs, sum(quota_tokens) AS tokens FROM returned GROUP BY 1) g
      WHERE d.id = g.deployment_id),
    lines AS (
      UPDATE admission_lines l SET virtual_time = l.virtual_time - g.tokens
      FROM (SELECT tenant_id, lane, route, actor_id, sum(cost_tokens) AS tokens FROM returned GROUP BY 1, 2, 3, 4) g
      WHERE l.tenant_id = g.tenant_id AND l.lane = g.lane AND l.route = g.route AND l.actor_id = g.actor_id),
    shares AS (
      UPDATE admission_shares s SET running = s.running - g.jobs
      FROM (SELECT tenant_id, count(*)::integer AS jobs FROM returned GROUP BY 1) g
      WHERE s.tenant_id = g.tenant_id RETURNING s.*),
    queues AS (
      UPDATE admission_queues q SET virtual_time = q.virtual_time + here.change,
        rank = CASE WHEN here.running < here.running_floor THEN 0 ELSE 1 END,
        at_limit = coalesce(here.running >= here.running_limit, false)
      FROM (
        SELECT w.lane, w.route, s.tenant_id, s.running, s.running_floor, s.running_limit,
               coalesce(c.tokens, 0) / s.weight AS change
        FROM shares s JOIN admission_queues w ON w.tenant_id = s.tenant_id
        LEFT JOIN (
          SELECT o.tenant_id, o.lane, o.market, sum(g.tokens) AS tokens
          FROM (SELECT tenant_id, lane, route, -cost_tokens AS tokens FROM returned) g JOIN admission_queues o ON (o.tenant_id, o.lane, o.route) = (g.tenant_id, g.lane, g.route)
          GROUP BY 1, 2, 3) c ON c.tenant_id = w.tenant_id AND c.lane = w.lane AND c.market = w.market
        WHERE w.waiting > 0 OR c.tokens <> 0) here
      WHERE q.tenant_id = here.tenant_id AND q.lane = here.lane AND q.route = here.route)
    SELECT (SELECT count(*) FROM returned)::integer INTO v_returned;
  END IF;
  -- At its old place in line, which is by acceptance.
  IF v_rested THEN
    UPDATE admission_entries e SET stage = 'arrived', returned_at = NULL
    FROM (SELECT tenant_id, job_id FROM admission_entries
          WHERE returned_at <= clock_timestamp() AND stage = 'resting' AND finished_at IS NULL FOR UPDATE SKIP LOCKED) rested
    WHERE e.tenant_id = rested.tenant_id AND e.job_id = rested.job_id;
  END IF;

  -- One that was cancelled in line since we looked is the next call's.
  IF v_ended THEN
    WITH gone AS (
      DELETE FROM admission_entries WHERE finished_at IS NOT NULL AND stage <> 'waiting'
      RETURNING tenant_id, lane, route, stage, cost_tokens, coalesce(spent_tokens, 0) AS spent_tokens, input_tokens, max_tokens, admitted_at, finished_at,
        deployment_id, quota_tokens, coalesce(burned_tokens, 0) AS burned_tokens, served),
    deployments AS (
      UPDATE pool_deployments d SET
        running = d.running - g.jobs,
        tokens_left = d.tokens_left + g.refund,
        quota_tokens_total = d.quota_tokens_total + g.burned,
        output_share = CASE WHEN g.share IS NULL THEN d.output_share
                            ELSE g.share + (d.output_share - g.share) * power(0.95, g.answers) END,
        failures = CASE WHEN g.answered_at >= coalesce(d.open_until, '-infinity') THEN 0 ELSE d.failures END,
        open_until = CASE WHEN g.answered_at >= d.open_until THEN NULL ELSE d.open_until END,
        closed_at = CASE WHEN g.answered_at >= d.open_until THEN clock_timestamp() ELSE d.closed_at END
      FROM (
        SELECT o.deployment_id, count(*)::integer AS jobs, sum(o.quota_tokens - o.burned_tokens) AS refund,
          sum(o.burned_tokens)::bigint AS burned, max(o.admitted_at) FILTER (WHERE o.served) AS answered_at,
          count(*) FILTER (WHERE o.served) AS answers,
          avg(least(1, greatest(0, (o.burned_tokens - o.input_tokens) / p.output_burn_down / o.max_tokens)))
            FILTER (WHERE o.served) AS share
        FROM gone o JOIN pool_deployments p ON p.id = o.deployment_id
        WHERE o.stage = 'running' GROUP BY o.deployment_id) g
      WHERE d.id = g.deployment_id),
    shares AS (
      UPDATE admission_shares s SET running = s.running - g.jobs,
        served_tokens = s.served_tokens * power(0.95, g.jobs) + g.tokens,
        served_seconds = s.served_seconds * power(0.95, g.jobs) + g.seconds
      FROM (SELECT tenant_id, count(*)::integer AS jobs,
              sum(cost_tokens) AS tokens, extract(epoch FROM sum(finished_at - admitted_at))::double precision AS seconds
            FROM gone WHERE stage = 'running' GROUP BY 1) g
      WHERE s.tenant_id = g.tenant_id RETURNING s.*),
    queues AS (
      UPDATE admission_queues q SET virtual_time = q.virtual_time + here.change,
        rank = CASE WHEN here.running < here.running_floor THEN 0 ELSE 1 END,
        at_limit = coalesce(here.running >= here.running_limit, false)
      FROM (
        SELECT w.lane, w.route, s.tenant_id, s.running, s.running_floor, s.running_limit,
               coalesce(c.tokens, 0) / s.weight AS change
        FROM shares s JOIN admission_queues w ON w.tenant_id = s.tenant_id
        LEFT JOIN (
          SELECT o.tenant_id, o.lane, o.market, sum(g.tokens) AS tokens
          FROM (SELECT tenant_id, lane, route, spent_tokens - cost_tokens AS tokens FROM gone WHERE stage = 'running') g JOIN admission_queues o ON (o.tenant_id, o.lane, o.route) = (g.tenant_id, g.lane, g.route)
          GROUP BY 1, 2, 3) c ON c.tenant_id = w.tenant_id AND c.lane = w.lane AND c.market = w.market
        WHERE w.waiting > 0 OR c.tokens <> 0) here
      WHERE q.tenant_id = here.tenant_id AND q.lane = here.lane AND q.route = here.route)
    SELECT (SELECT count(*) FROM gone WHERE stage = 'running')::integer INTO v_left;
  END IF;
  RETURN v_left + v_returned;
END $function$;
