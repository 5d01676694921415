CREATE OR REPLACE FUNCTION public.audit_entries_are_final()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN RAISE EXCEPTION 'audit entries are append-only'; END $function$;
