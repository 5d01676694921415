CREATE OR REPLACE FUNCTION public.demand(p_fact boolean, p_sqlstate text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
       BEGIN IF p_fact IS NOT TRUE THEN RAISE EXCEPTION USING ERRCODE = p_sqlstate, MESSAGE = 'refused'; END IF; END $function$;
