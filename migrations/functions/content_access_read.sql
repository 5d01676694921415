CREATE OR REPLACE FUNCTION public.content_access_read(p_access uuid, p_reader uuid, p_conversation uuid, p_job uuid)
 RETURNS TABLE(id uuid, conversation_id uuid, status text, model text, error_code text, finish_reason text, input_bytes integer, output_bytes integer, accepted_at timestamp with time zone, finished_at timestamp with time zone, input_sealed bytea, output_sealed bytea)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  v_access content_accesses := content_access_hold(p_access, p_reader);
  v_count bigint;
BEGIN
  IF num_nonnulls(p_conversation, p_job) <> 1 THEN RAISE EXCEPTION 'one job or one conversation'; END IF;
  RETURN QUERY SELECT j.id, j.conversation_id, j.status, j.model, j.error_code, j.finish_reason, j.input_bytes, j.output_bytes,
      j.accepted_at, j.finished_at, j.input_sealed, j.output_sealed
    FROM jobs j
    WHERE j.tenant_id = v_access.tenant_id AND (v_access.job_id IS NULL OR j.id = v_access.job_id)
      AND (v_access.conversation_id IS NULL OR j.conversation_id = v_access.conversation_id)
      AND (j.id = p_job OR j.conversation_id = p_conversation)
    ORDER BY j.asked_at, j.id;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  IF v_count = 0 THEN RETURN; END IF;
  PERFORM content_access_record(v_access, 'content-access.read', json_build_object(
    'kind', CASE WHEN p_job IS NULL THEN 'conversation' ELSE 'job' END, 'id', coalesce(p_job, p_conversation), 'jobs', v_count));
END $function$;
