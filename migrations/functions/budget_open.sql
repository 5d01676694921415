CREATE OR REPLACE FUNCTION public.budget_open(p_month date)
 RETURNS void
 LANGUAGE sql
AS $function$
  INSERT INTO budgets (tenant_id, month, limit_tokens, allotted, notice_percents)
    SELECT app_tenant_id(), p_month, coalesce(b.limit_tokens, 0), coalesce(b.allotted, false),
      coalesce(b.notice_percents, '{50,80,100}')
    FROM (SELECT) AS one LEFT JOIN LATERAL (
      SELECT * FROM budgets WHERE tenant_id = app_tenant_id() AND month < p_month ORDER BY month DESC LIMIT 1) b ON true
  ON CONFLICT DO NOTHING
$function$;
