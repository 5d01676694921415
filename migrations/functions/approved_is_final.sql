CREATE OR REPLACE FUNCTION public.approved_is_final()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN RAISE EXCEPTION 'what was approved is final' USING ERRCODE = 'MC001'; END $function$;
