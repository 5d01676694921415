CREATE OR REPLACE FUNCTION public.budget_settle(p_month date, p_used bigint, p_freed bigint, p_department_id uuid, p_member_id uuid)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_city budgets;
  v_allotment budget_allotments;
BEGIN
  UPDATE budgets SET used_tokens = used_tokens + p_used, reserved_tokens = reserved_tokens - p_freed
  WHERE tenant_id = app_tenant_id() AND month = p_month RETURNING * INTO v_city;
  PERFORM budget_notice('city', v_city.tenant_id, p_month, v_city.notice_percents, v_city.limit_tokens,
    v_city.used_tokens - p_used, v_city.used_tokens);
  IF v_city.allotted THEN
    FOR v_allotment IN
      UPDATE budget_allotments SET used_tokens = used_tokens + p_used, reserved_tokens = reserved_tokens - p_freed
      WHERE tenant_id = v_city.tenant_id AND holder_id IN (p_department_id, p_member_id) AND month = p_month RETURNING *
    LOOP
      PERFORM budget_notice(v_allotment.level, v_allotment.holder_id, p_month, v_city.notice_percents,
        v_allotment.limit_tokens, v_allotment.used_tokens - p_used, v_allotment.used_tokens);
    END LOOP;
  END IF;
END $function$;
