CREATE OR REPLACE FUNCTION public.covered_days(p_month date)
 RETURNS TABLE(tenant_id uuid, day_from date, day_to date)
 LANGUAGE sql
 STABLE
AS $function$
         SELECT s.tenant_id, s.stretch_from, s.stretch_to FROM contract_stretches(p_month) s
         UNION ALL
         SELECT t.tenant_id, p_month, least(t.ends_on, (p_month + interval '1 month')::date - 1)
         FROM trial_days() t WHERE t.ends_on >= p_month $function$;
