CREATE OR REPLACE FUNCTION public.budget_notice(p_level text, p_holder_id uuid, p_month date, p_percents smallint[], p_limit bigint, p_before bigint, p_after bigint)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
DECLARE v_percent smallint;
BEGIN
  FOREACH v_percent IN ARRAY p_percents LOOP
    IF p_before * 100 < p_limit * v_percent AND p_after * 100 >= p_limit * v_percent THEN
      INSERT INTO budget_notices (tenant_id, level, holder_id, month, percent, limit_tokens, used_tokens)
        VALUES (app_tenant_id(), p_level, p_holder_id, p_month, v_percent, p_limit, p_after) ON CONFLICT DO NOTHING;
    END IF;
  END LOOP;
END $function$;
