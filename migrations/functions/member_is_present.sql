CREATE OR REPLACE FUNCTION public.member_is_present(p_member members, p_at timestamp with time zone)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  SELECT p_member.status = 'active' AND p_member.segment = app_segment()
    AND (p_member.expires_on IS NULL OR p_member.expires_on::timestamp AT TIME ZONE 'Asia/Tokyo' > p_at)
$function$;
