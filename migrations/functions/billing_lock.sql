CREATE OR REPLACE FUNCTION public.billing_lock(p_month date)
 RETURNS bigint
 LANGUAGE sql
 STABLE
AS $function$ SELECT hashtextextended('moyai.billing ' || to_char(p_month, 'YYYY-MM'), 0) $function$;
