CREATE OR REPLACE FUNCTION public.app_segment()
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ SELECT nullif(current_setting('app.segment', true), '') $function$;
