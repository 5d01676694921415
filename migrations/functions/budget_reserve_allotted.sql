CREATE OR REPLACE FUNCTION public.budget_reserve_allotted(p_month date, p_tokens bigint, p_department_id uuid, p_member_id uuid)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_tenant uuid := app_tenant_id();
  v_department boolean;
  v_member boolean;
BEGIN
  -- the limit goes on into a new month with whoever comes first
  INSERT INTO budget_allotments (tenant_id, level, holder_id, month, limit_tokens)
    SELECT v_tenant, latest.level, latest.holder_id, p_month, latest.limit_tokens
    FROM unnest(ARRAY[p_department_id, p_member_id]) AS h (id) CROSS JOIN LATERAL (
      SELECT level, holder_id, month, limit_tokens FROM budget_allotments
      WHERE tenant_id = v_tenant AND holder_id = h.id AND month <= p_month ORDER BY month DESC LIMIT 1) latest
    WHERE latest.month < p_month;
  WITH held AS (
    UPDATE budget_allotments SET reserved_tokens = reserved_tokens + p_tokens
    WHERE tenant_id = v_tenant AND holder_id IN (p_department_id, p_member_id) AND month = p_month
    RETURNING level, coalesce(used_tokens + reserved_tokens <= limit_tokens, true) AS fits)
  SELECT bool_and(fits) FILTER (WHERE level = 'department'), bool_and(fits) FILTER (WHERE level = 'member')
    INTO v_department, v_member FROM held;
  PERFORM demand(coalesce(v_department, true), 'MB002');
  PERFORM demand(coalesce(v_member, true), 'MB003');
END $function$;
