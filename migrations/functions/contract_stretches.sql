CREATE OR REPLACE FUNCTION public.contract_stretches(p_month date)
 RETURNS TABLE(tenant_id uuid, contract_id uuid, stretch_from date, stretch_to date, terms_from date)
 LANGUAGE sql
 STABLE
AS $function$
         SELECT s.tenant_id, s.contract_id, s.stretch_from, s.stretch_to, s.terms_from
         FROM (
           SELECT c.tenant_id, c.id AS contract_id, t.valid_from AS terms_from,
             greatest(t.valid_from, p_month) AS stretch_from,
             least(c.ends_on, (p_month + interval '1 month')::date - 1,
               lead(t.valid_from) OVER (PARTITION BY c.tenant_id, c.id ORDER BY t.valid_from) - 1) AS stretch_to
           FROM contracts c JOIN contract_terms t
             ON t.tenant_id = c.tenant_id AND t.contract_id = c.id AND t.approved_at IS NOT NULL
           WHERE c.starts_on < p_month + interval '1 month' AND c.ends_on >= p_month) AS s
         WHERE s.stretch_from <= s.stretch_to $function$;
