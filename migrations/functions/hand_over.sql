CREATE OR REPLACE FUNCTION public.hand_over(p_id uuid, p_from uuid, p_to uuid, p_by uuid, p_reason text, p_at timestamp with time zone)
 RETURNS TABLE(conversations integer, batches integer, templates integer)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  v_tenant uuid := app_tenant_id();
  v_conversations integer;
  v_batches integer;
  v_templates integer;
BEGIN
  -- nobody comes back, or leaves, while this is decided
  PERFORM FROM public.members m WHERE m.tenant_id = v_tenant AND m.id IN (p_from, p_to) ORDER BY m.id FOR SHARE;
  PERFORM public.demand(EXISTS (SELECT FROM public.members m WHERE m.tenant_id = v_tenant AND m.id = p_from
    AND NOT public.member_is_present(m, p_at)), 'MH001');
  PERFORM public.demand(EXISTS (SELECT FROM public.members m WHERE m.tenant_id = v_tenant AND m.id = p_to
    AND m.role <> 'auditor' AND public.member_is_present(m, p_at)), 'MH002');
  INSERT INTO public.handovers (tenant_id, segment, id, from_member, to_member, decided_by, reason, handed_at)
    VALUES (v_tenant, public.app_segment(), p_id, p_from, p_to, p_by, p_reason, p_at);
  UPDATE public.conversations c SET member_id = p_to, handover_id = p_id
    WHERE c.tenant_id = v_tenant AND c.member_id = p_from;
  GET DIAGNOSTICS v_conversations = ROW_COUNT;
  UPDATE public.batches b SET member_id = p_to, handover_id = p_id WHERE b.tenant_id = v_tenant AND b.actor_id = p_from;
  GET DIAGNOSTICS v_batches = ROW_COUNT;
  UPDATE public.templates t SET member_id = p_to, handover_id = p_id WHERE t.tenant_id = v_tenant AND t.member_id = p_from;
  GET DIAGNOSTICS v_templates = ROW_COUNT;
  PERFORM public.demand(v_conversations + v_batches + v_templates > 0, 'MH003');
  UPDATE public.handovers h SET conversations = v_conversations, batches = v_batches, templates = v_templates
    WHERE h.tenant_id = v_tenant AND h.id = p_id;
  RETURN QUERY SELECT v_conversations, v_batches, v_templates;
END $function$;
