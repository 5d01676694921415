CREATE OR REPLACE FUNCTION public.exit_is_deleting()
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
     SELECT EXISTS (SELECT FROM city_exits WHERE tenant_id = app_tenant_id() AND state = 'deleting') $function$;
