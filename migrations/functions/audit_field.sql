CREATE OR REPLACE FUNCTION public.audit_field(p_value text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$ SELECT coalesce(octet_length(p_value)::text || ':' || p_value, '-') $function$;
