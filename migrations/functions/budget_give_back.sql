CREATE OR REPLACE FUNCTION public.budget_give_back(p_reservation_ids uuid[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_tenant uuid := app_tenant_id();
  v_ended record;
  v_allotted boolean;
BEGIN
  FOR v_ended IN
    SELECT month, sum(tokens)::bigint AS tokens FROM reservations
    WHERE tenant_id = v_tenant AND id = ANY (p_reservation_ids) GROUP BY month ORDER BY month
  LOOP
    UPDATE budgets SET reserved_tokens = reserved_tokens - v_ended.tokens
    WHERE tenant_id = v_tenant AND month = v_ended.month RETURNING allotted INTO v_allotted;
    IF v_allotted THEN
      UPDATE budget_allotments a SET reserved_tokens = a.reserved_tokens - e.tokens
      FROM (SELECT h.id, sum(r.tokens)::bigint AS tokens
            FROM reservations r CROSS JOIN LATERAL unnest(ARRAY[r.department_id, r.member_id]) AS h (id)
            WHERE r.tenant_id = v_tenant AND r.id = ANY (p_reservation_ids) AND r.month = v_ended.month GROUP BY h.id) e
      WHERE a.tenant_id = v_tenant AND a.holder_id = e.id AND a.month = v_ended.month;
    END IF;
  END LOOP;
END $function$;
