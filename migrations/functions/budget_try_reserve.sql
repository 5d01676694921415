CREATE OR REPLACE FUNCTION public.budget_try_reserve(p_id uuid, p_subject_type text, p_subject_id uuid, p_department_id uuid, p_member_id uuid, p_month date, p_tokens bigint, p_at timestamp with time zone, p_expires_at timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
BEGIN
  PERFORM budget_reserve(ARRAY[p_id], ARRAY[p_subject_type], ARRAY[p_subject_id], ARRAY[p_department_id],
    ARRAY[p_member_id], ARRAY[p_month], ARRAY[p_tokens], ARRAY[p_at], ARRAY[p_expires_at]);
  RETURN true;
EXCEPTION WHEN SQLSTATE 'MB001' OR SQLSTATE 'MB002' OR SQLSTATE 'MB003' THEN
  RETURN false;
END $function$;
