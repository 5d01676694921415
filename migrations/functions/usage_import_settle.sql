CREATE OR REPLACE FUNCTION public.usage_import_settle(p_tenant uuid, p_month date, p_tokens bigint, p_department_id uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  PERFORM set_config('app.tenant_id', p_tenant::text, true);
  PERFORM budget_open(p_month);
  PERFORM FROM budgets WHERE tenant_id = p_tenant AND month = p_month FOR UPDATE;
  PERFORM budget_begin_allotments(p_month, p_department_id, NULL);
  PERFORM budget_settle(p_month, p_tokens, 0, p_department_id, NULL);
END $function$;
