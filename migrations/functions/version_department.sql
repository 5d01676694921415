CREATE OR REPLACE FUNCTION public.version_department()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE v_scope text := coalesce(current_setting('app.tenant_id', true), '');
BEGIN
  PERFORM set_config('app.tenant_id', NEW.tenant_id::text, true);
  UPDATE public.department_versions SET ended_at = greatest(began_at, NEW.updated_at)
  WHERE tenant_id = NEW.tenant_id AND department_id = NEW.id AND ended_at IS NULL;
  INSERT INTO public.department_versions (tenant_id, department_id, parent_id, name, began_at)
  VALUES (NEW.tenant_id, NEW.id, NEW.parent_id, NEW.name, NEW.updated_at)
  ON CONFLICT (tenant_id, department_id, began_at)
    DO UPDATE SET parent_id = EXCLUDED.parent_id, name = EXCLUDED.name, ended_at = NULL;
  PERFORM set_config('app.tenant_id', v_scope, true);
  RETURN NULL;
END $function$;
