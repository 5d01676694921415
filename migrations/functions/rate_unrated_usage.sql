CREATE OR REPLACE FUNCTION public.rate_unrated_usage()
 RETURNS TABLE(tenant_id uuid, calls bigint)
 LANGUAGE sql
AS $function$
         WITH found AS (
           SELECT u.tenant_id, u.id, p.id AS price_id, f.id AS fx_rate_id
           FROM usage_records u
           CROSS JOIN LATERAL (
             SELECT p.id, p.currency FROM model_prices p
             WHERE p.model = u.model AND p.valid_from <= u.accepted_at
               AND p.approved_at IS NOT NULL AND p.withdrawn_at IS NULL
             ORDER BY p.valid_from DESC LIMIT 1) p
           LEFT JOIN LATERAL (
             SELECT f.id FROM fx_rates f
             WHERE f.valid_from <= u.accepted_at AND f.approved_at IS NOT NULL AND f.withdrawn_at IS NULL
             ORDER BY f.valid_from DESC LIMIT 1) f ON p.currency = 'USD'
           WHERE u.price_id IS NULL AND (p.currency <> 'USD' OR f.id IS NOT NULL)
             AND NOT EXISTS (SELECT FROM billing_periods b WHERE b.month = u.billing_month AND b.state <> 'open')),
         rated AS (
           UPDATE usage_records u SET price_id = found.price_id, fx_rate_id = found.fx_rate_id
           FROM found WHERE u.tenant_id = found.tenant_id AND u.id = found.id RETURNING u.tenant_id)
         SELECT rated.tenant_id, count(*) FROM rated GROUP BY 1 ORDER BY 1 $function$;
