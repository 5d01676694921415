CREATE OR REPLACE FUNCTION public.content_access_jobs(p_access uuid, p_reader uuid, p_before uuid, p_limit integer)
 RETURNS TABLE(id uuid, conversation_id uuid, status text, model text, error_code text, input_bytes integer, output_bytes integer, accepted_at timestamp with time zone, finished_at timestamp with time zone)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  v_access content_accesses := content_access_hold(p_access, p_reader);
  v_count bigint;
BEGIN
  RETURN QUERY SELECT j.id, j.conversation_id, j.status, j.model, j.error_code, j.input_bytes, j.output_bytes,
      j.accepted_at, j.finished_at
    FROM jobs j
    WHERE j.tenant_id = v_access.tenant_id AND (v_access.job_id IS NULL OR j.id = v_access.job_id)
      AND (v_access.conversation_id IS NULL OR j.conversation_id = v_access.conversation_id)
      AND (p_before IS NULL OR j.id < p_before)
    ORDER BY j.id DESC LIMIT least(p_limit, 101);
  GET DIAGNOSTICS v_count = ROW_COUNT;
  PERFORM content_access_record(v_access, 'content-access.listed', json_build_object('jobs', v_count));
END $function$;
