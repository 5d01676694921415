CREATE OR REPLACE FUNCTION public.budget_reserve(p_ids uuid[], p_subject_types text[], p_subject_ids uuid[], p_department_ids uuid[], p_member_ids uuid[], p_months date[], p_tokens bigint[], p_at timestamp with time zone[], p_expires_at timestamp with time zone[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_tenant uuid := app_tenant_id();
  v_held record;
  v_allotted boolean;
BEGIN
  -- Whoever is refused anyhow is refused before anything is written.
  FOR v_held IN
    SELECT h.month, sum(h.tokens)::bigint AS tokens FROM unnest(p_months, p_tokens) AS h (month, tokens)
    GROUP BY h.month ORDER BY h.month
  LOOP
    PERFORM FROM budgets WHERE tenant_id = v_tenant AND month = v_held.month
      AND used_tokens + reserved_tokens + v_held.tokens <= limit_tokens;
    IF NOT FOUND THEN
      PERFORM budget_open(v_held.month);
      PERFORM demand(EXISTS (SELECT FROM budgets WHERE tenant_id = v_tenant AND month = v_held.month
        AND used_tokens + reserved_tokens + v_held.tokens <= limit_tokens), 'MB001');
    END IF;
  END LOOP;
  INSERT INTO reservations (tenant_id, id, subject_type, subject_id, department_id, member_id, month, tokens, created_at,
      expires_at)
    SELECT v_tenant, r.* FROM unnest(p_ids, p_subject_types, p_subject_ids, p_department_ids, p_member_ids, p_months,
      p_tokens, p_at, p_expires_at) AS r;
  FOR v_held IN
    SELECT h.month, sum(h.tokens)::bigint AS tokens FROM unnest(p_months, p_tokens) AS h (month, tokens)
    GROUP BY h.month ORDER BY h.month
  LOOP
    UPDATE budgets SET reserved_tokens = reserved_tokens + v_held.tokens
    WHERE tenant_id = v_tenant AND month = v_held.month
      AND used_tokens + reserved_tokens + v_held.tokens <= limit_tokens
    RETURNING allotted INTO v_allotted;
    PERFORM demand(FOUND, 'MB001');
    IF v_allotted THEN
      PERFORM budget_reserve_allotted(v_held.month, h.tokens, h.department_id, h.member_id)
      FROM (
        SELECT a.department_id, a.member_id, sum(a.tokens)::bigint AS tokens
        FROM unnest(p_department_ids, p_member_ids, p_months, p_tokens) AS a (department_id, member_id, month, tokens)
        WHERE a.month = v_held.month GROUP BY a.department_id, a.member_id) h;
    END IF;
  END LOOP;
END $function$;
