CREATE OR REPLACE FUNCTION public.admission_heed_suspensions()
 RETURNS TABLE(job_id uuid)
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
BEGIN
  IF NOT EXISTS (SELECT FROM admission_shares WHERE suspension IS NOT NULL)
     AND NOT EXISTS (SELECT FROM admission_entries WHERE stage = 'held') THEN
    RETURN;
  END IF;

  IF EXISTS (SELECT FROM admission_shares WHERE suspension IS NOT NULL AND waiting > 0)
     OR EXISTS (SELECT FROM admission_entries e JOIN admission_shares s ON s.tenant_id = e.tenant_id
                WHERE e.stage = 'arrived' AND s.suspension IS NOT NULL)
     OR EXISTS (SELECT FROM admission_entries e JOIN admission_shares s ON s.tenant_id = e.tenant_id
                WHERE e.stage = 'held' AND s.suspension IS NULL) THEN
    PERFORM pg_advisory_xact_lock(hashtext('moyai.admission'));
    WITH chosen AS (
      SELECT e.tenant_id, e.job_id FROM admission_shares s JOIN admission_entries e ON e.tenant_id = s.tenant_id
      WHERE s.suspension IS NOT NULL AND s.waiting > 0 AND e.stage = 'waiting' AND e.finished_at IS NULL
      LIMIT 1000 FOR UPDATE OF e SKIP LOCKED),
    taken AS (
      UPDATE admission_entries e SET stage = 'held' FROM chosen c
      WHERE e.tenant_id = c.tenant_id AND e.job_id = c.job_id
      RETURNING e.tenant_id, e.lane, e.route, e.actor_id, e.cost_tokens),
    lines AS (
      UPDATE admission_lines l SET waiting = l.waiting - g.jobs, waiting_tokens = l.waiting_tokens - g.tokens
      FROM (SELECT tenant_id, lane, route, actor_id, count(*)::integer AS jobs, sum(cost_tokens)::bigint AS tokens
            FROM taken GROUP BY 1, 2, 3, 4) g
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

    UPDATE admission_entries e SET stage = 'held'
    FROM (SELECT a.tenant_id, a.job_id FROM admission_entries a JOIN admission_shares s ON s.tenant_id = a.tenant_id
          WHERE a.stage = 'arrived' AND s.suspension IS NOT NULL AND a.finished_at IS NULL
          LIMIT 1000 FOR UPDATE OF a SKIP LOCKED) c
    WHERE e.tenant_id = c.tenant_id AND e.job_id = c.job_id;

    UPDATE admission_entries e SET stage = 'arrived'
    FROM (SELECT h.tenant_id, h.job_id FROM admission_entries h JOIN admission_shares s ON s.tenant_id = h.tenant_id
          WHERE h.stage = 'held' AND s.suspension IS NULL AND h.finished_at IS NULL
          ORDER BY (h.lane = 'batch'), h.sequence LIMIT 1000 FOR UPDATE OF h SKIP LOCKED) c
    WHERE e.tenant_id = c.tenant_id AND e.job_id = c.job_id;
  END IF;

  RETURN QUERY
  UPDATE admission_entries e SET cancel_requested_at = clock_timestamp()
  FROM (SELECT r.tenant_id, r.job_id FROM admission_shares s JOIN admission_entries r ON r.tenant_id = s.tenant_id
        WHERE s.suspension = 'cancel' AND s.running > 0 AND r.stage = 'running' AND r.cancel_requested_at IS NULL
          AND r.finished_at IS NULL FOR UPDATE OF r SKIP LOCKED) c
  WHERE e.tenant_id = c.tenant_id AND e.job_id = c.job_id
  RETURNING e.job_id;
END $function$;
