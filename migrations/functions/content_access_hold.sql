CREATE OR REPLACE FUNCTION public.content_access_hold(p_access uuid, p_reader uuid)
 RETURNS content_accesses
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_access content_accesses;
BEGIN
  SELECT a.* INTO v_access FROM content_accesses a
  WHERE a.tenant_id = app_tenant_id() AND a.segment = app_segment() AND a.id = p_access AND a.asked_by = p_reader
    AND a.decision = 'approved' AND a.ended_at IS NULL AND a.ends_at > clock_timestamp()
    AND EXISTS (SELECT FROM vendor_users u WHERE u.id = a.asked_by AND u.status = 'active' AND u.role = 'ops')
  FOR SHARE OF a;
  IF NOT FOUND THEN RAISE EXCEPTION 'no access is open' USING ERRCODE = 'MA002'; END IF;
  RETURN v_access;
END $function$;
