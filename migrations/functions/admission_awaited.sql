CREATE OR REPLACE FUNCTION public.admission_awaited()
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  SELECT EXISTS (SELECT FROM admission_routes WHERE waiting > 0)
      OR EXISTS (SELECT FROM admission_entries WHERE stage = 'arrived')
$function$;
