CREATE OR REPLACE FUNCTION public.city_unbilled()
 RETURNS TABLE(kind text, month date)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  SELECT 'usage', m.month
  FROM (SELECT billing_month AS month FROM usage_records WHERE tenant_id = app_tenant_id()
    UNION SELECT billing_month FROM usage_corrections WHERE tenant_id = app_tenant_id() AND approved_at IS NOT NULL) m
  WHERE NOT EXISTS (SELECT FROM billing_periods b WHERE b.month = m.month AND b.state = 'closed')
  UNION
  SELECT 'invoice', month FROM invoices WHERE tenant_id = app_tenant_id() AND number IS NULL
  ORDER BY 1, 2
$function$;
