CREATE OR REPLACE FUNCTION public.budget_open_allotment(p_level text, p_holder_id uuid, p_month date)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
DECLARE v_tenant uuid := app_tenant_id();
BEGIN
  PERFORM budget_open(p_month);
  UPDATE budgets SET allotted = true WHERE tenant_id = v_tenant AND month >= p_month;
  INSERT INTO budget_allotments (tenant_id, level, holder_id, month, limit_tokens, used_tokens, reserved_tokens)
    SELECT v_tenant, p_level, p_holder_id, p_month,
      (SELECT carried_tokens FROM budget_allotments
       WHERE tenant_id = v_tenant AND holder_id = p_holder_id AND month < p_month ORDER BY month DESC LIMIT 1),
      (SELECT coalesce(sum(input_tokens + output_tokens + cache_read_tokens + cache_write_tokens), 0) FROM usage_records
       WHERE tenant_id = v_tenant AND accepted_at >= p_month::timestamp AT TIME ZONE 'Asia/Tokyo'
         AND accepted_at < (p_month + interval '1 month') AT TIME ZONE 'Asia/Tokyo'
         AND CASE p_level WHEN 'department' THEN department_id ELSE member_id END = p_holder_id),
      (SELECT coalesce(sum(tokens), 0) FROM reservations
       WHERE tenant_id = v_tenant AND month = p_month AND state = 'held'
         AND CASE p_level WHEN 'department' THEN department_id ELSE member_id END = p_holder_id)
  ON CONFLICT DO NOTHING;
END $function$;
