CREATE OR REPLACE FUNCTION public.trial_days()
 RETURNS TABLE(tenant_id uuid, ends_on date)
 LANGUAGE sql
 STABLE
AS $function$
         SELECT t.id, least(t.trial_ends_on, (
           SELECT min(c.starts_on) - 1 FROM contracts c
           WHERE c.tenant_id = t.id AND EXISTS (
             SELECT FROM contract_terms a
             WHERE a.tenant_id = c.tenant_id AND a.contract_id = c.id AND a.approved_at IS NOT NULL)))
         FROM tenants t WHERE t.trial_ends_on IS NOT NULL $function$;
