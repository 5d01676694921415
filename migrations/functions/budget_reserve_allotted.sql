CREATE OR REPLACE FUNCTION public.budget_reserve_allotted(p_month date, p_tokens bigint, p_department_id uuid, p_member_id uuid)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_tenant uuid := app_tenant_id();
  v_department boolean;
  v_member boolean;
BEGIN
  PERFORM budget_begin_allotments(p_month, p_department_id, p_member_id);
  WITH held AS (
    UPDATE budget_allotments SET reserved_tokens = reserved_tokens + p_tokens
    WHERE tenant_id = v_tenant AND holder_id IN (p_department_id, p_member_id) AND month = p_month
    RETURNING level, coalesce(used_tokens + reserved_tokens <= limit_tokens, true) AS fits)
  SELECT bool_and(fits) FILTER (WHERE level = 'department'), bool_and(fits) FILTER (WHERE level = 'member')
    INTO v_department, v_member FROM held;
  PERFORM demand(coalesce(v_department, true), 'MB002');
  PERFORM demand(coalesce(v_member, true), 'MB003');
END $function$;
