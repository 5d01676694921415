CREATE OR REPLACE FUNCTION public.budget_begin_allotments(p_month date, p_department_id uuid, p_member_id uuid)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
DECLARE v_tenant uuid := app_tenant_id();
BEGIN
  INSERT INTO budget_allotments (tenant_id, level, holder_id, month, limit_tokens)
    SELECT v_tenant, latest.level, latest.holder_id, p_month, latest.limit_tokens
    FROM unnest(ARRAY[p_department_id, p_member_id]) AS h (id) CROSS JOIN LATERAL (
      SELECT level, holder_id, month, carried_tokens AS limit_tokens FROM budget_allotments
      WHERE tenant_id = v_tenant AND holder_id = h.id AND month <= p_month ORDER BY month DESC LIMIT 1) latest
    WHERE latest.month < p_month;
END $function$;
