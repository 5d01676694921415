CREATE OR REPLACE FUNCTION public.certificates_stay()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN RAISE EXCEPTION 'a certificate is final' USING ERRCODE = 'MX001'; END $function$;
