CREATE OR REPLACE FUNCTION public.content_access_record(p_access content_accesses, p_action text, p_details json)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
BEGIN
  PERFORM audit_append(ARRAY[gen_random_uuid()], ARRAY[clock_timestamp()], ARRAY['vendor'],
    ARRAY[p_access.asked_by::text], ARRAY[p_action], ARRAY['content-access'], ARRAY[p_access.id::text],
    ARRAY[p_access.segment], ARRAY['success'], ARRAY[p_details::text]);
END $function$;
