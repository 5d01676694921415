CREATE OR REPLACE FUNCTION public.tenant_by_code(p_code text)
 RETURNS uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$ SELECT id FROM public.tenants WHERE code = p_code AND status <> 'deleted' $function$;
