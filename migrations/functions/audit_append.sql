CREATE OR REPLACE FUNCTION public.audit_append(p_ids uuid[], p_occurred_at timestamp with time zone[], p_actor_types text[], p_actor_ids text[], p_actions text[], p_subject_types text[], p_subject_ids text[], p_segments text[], p_outcomes text[], p_details text[])
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  v_tenant uuid := app_tenant_id();
  v_count integer := cardinality(p_ids);
  v_head audit_heads;
  -- the chain from its head on: element n + 1 is the hash of the nth entry, and the previous one of the next
  v_hashes bytea[];
BEGIN
  IF v_tenant IS NULL THEN RAISE EXCEPTION 'audit_append without a tenant'; END IF;
  -- The head row is the lock of this chain: callers append last in their transaction.
  SELECT * INTO v_head FROM audit_heads WHERE tenant_id = v_tenant FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO audit_heads VALUES (v_tenant, 0, sha256(convert_to('moyai.audit:' || v_tenant, 'UTF8')))
      ON CONFLICT DO NOTHING;
    SELECT * INTO v_head FROM audit_heads WHERE tenant_id = v_tenant FOR UPDATE;
  END IF;
  v_hashes := ARRAY[v_head.hash];
  FOR n IN 1 .. v_count LOOP
    v_hashes := v_hashes || sha256(v_hashes[n] || convert_to(
      audit_field(v_tenant::text) || audit_field((v_head.sequence + n)::text) || audit_field(p_ids[n]::text)
      || audit_field(((extract(epoch FROM p_occurred_at[n]) * 1000000)::bigint)::text)
      || audit_field(p_actor_types[n]) || audit_field(p_actor_ids[n]) || audit_field(p_actions[n])
      || audit_field(p_subject_types[n]) || audit_field(p_subject_ids[n]) || audit_field(p_segments[n])
      || audit_field(p_outcomes[n]) || audit_field(p_details[n]), 'UTF8'));
  END LOOP;
  INSERT INTO audit_entries (tenant_id, sequence, id, occurred_at, actor_type, actor_id, action, subject_type, subject_id,
      segment, outcome, details, previous_hash, hash)
    SELECT v_tenant, v_head.sequence + e.n, e.id, e.occurred_at, e.actor_type, e.actor_id, e.action, e.subject_type,
      e.subject_id, e.segment, e.outcome, e.details, v_hashes[e.n], v_hashes[e.n + 1]
    FROM unnest(p_ids, p_occurred_at, p_actor_types, p_actor_ids, p_actions, p_subject_types, p_subject_ids, p_segments,
      p_outcomes, p_details) WITH ORDINALITY
    AS e (id, occurred_at, actor_type, actor_id, action, subject_type, subject_id, segment, outcome, details, n);
  UPDATE audit_heads SET sequence = v_head.sequence + v_count, hash = v_hashes[v_count + 1] WHERE tenant_id = v_tenant;
  RETURN v_head.sequence + v_count;
END $function$;
