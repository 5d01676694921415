CREATE OR REPLACE FUNCTION public.admission_lane(p_tenant uuid, p_wanted text)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
         SELECT CASE WHEN p_wanted = 'interactive' AND EXISTS (
           SELECT FROM urgent_openings o CROSS JOIN LATERAL (
             SELECT FROM urgent_opening_cities c WHERE c.city_id = p_tenant AND c.opening_id = o.id OFFSET 0) AS covered
           WHERE o.closed_at IS NULL AND o.ends_at > now())
         THEN 'urgent' ELSE p_wanted END $function$;
