CREATE OR REPLACE FUNCTION public.take_back(p_id uuid, p_by uuid, p_at timestamp with time zone)
 RETURNS TABLE(conversations integer, batches integer, templates integer)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  v_tenant uuid := app_tenant_id();
  v_from uuid;
  v_to uuid;
  v_handed_at timestamptz;
  v_conversations integer;
  v_batches integer;
  v_templates integer;
BEGIN
  UPDATE public.handovers h SET taken_back_at = p_at, taken_back_by = p_by
    WHERE h.tenant_id = v_tenant AND h.id = p_id AND h.taken_back_at IS NULL AND h.handed_at > p_at - interval '30 days'
    RETURNING h.from_member, h.to_member, h.handed_at INTO v_from, v_to, v_handed_at;
  PERFORM public.demand(FOUND, 'MH004');
  UPDATE public.conversations c SET member_id = v_from, handover_id = NULL
    WHERE c.tenant_id = v_tenant AND c.member_id = v_to AND c.handover_id = p_id AND NOT EXISTS (
      SELECT FROM public.jobs j WHERE j.tenant_id = v_tenant AND j.conversation_id = c.id AND j.member_id = v_to);
  GET DIAGNOSTICS v_conversations = ROW_COUNT;
  UPDATE public.batches b SET member_id = v_from, handover_id = NULL
    WHERE b.tenant_id = v_tenant AND b.actor_id = v_to AND b.handover_id = p_id AND NOT EXISTS (
      SELECT FROM public.jobs j WHERE j.tenant_id = v_tenant AND j.batch_id = b.id AND j.member_id = v_to);
  GET DIAGNOSTICS v_batches = ROW_COUNT;
  UPDATE public.templates t SET member_id = v_from, handover_id = NULL
    WHERE t.tenant_id = v_tenant AND t.member_id = v_to AND t.handover_id = p_id AND t.updated_at <= v_handed_at;
  GET DIAGNOSTICS v_templates = ROW_COUNT;
  RETURN QUERY SELECT v_conversations, v_batches, v_templates;
END $function$;
