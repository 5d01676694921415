CREATE OR REPLACE FUNCTION public.post_member()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE v_scope text := coalesce(current_setting('app.tenant_id', true), '');
BEGIN
  PERFORM set_config('app.tenant_id', NEW.tenant_id::text, true);
  UPDATE public.member_postings SET ended_at = greatest(began_at, NEW.updated_at)
  WHERE tenant_id = NEW.tenant_id AND member_id = NEW.id AND ended_at IS NULL;
  IF NEW.department_id IS NOT NULL THEN
    INSERT INTO public.member_postings (tenant_id, member_id, department_id, began_at)
    VALUES (NEW.tenant_id, NEW.id, NEW.department_id, NEW.updated_at)
    ON CONFLICT (tenant_id, member_id, began_at) DO UPDATE SET department_id = EXCLUDED.department_id, ended_at = NULL;
  END IF;
  PERFORM set_config('app.tenant_id', v_scope, true);
  RETURN NULL;
END $function$;
