CREATE OR REPLACE FUNCTION public.budget_hand_over(p_from_type text, p_from_id uuid, p_to_type text, p_to_id uuid)
 RETURNS bigint
 LANGUAGE sql
AS $function$
         UPDATE reservations SET subject_type = p_to_type, subject_id = p_to_id
         WHERE tenant_id = app_tenant_id() AND subject_type = p_from_type AND subject_id = p_from_id AND state = 'held'
         RETURNING tokens
       $function$;
