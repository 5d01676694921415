CREATE OR REPLACE FUNCTION public.uuidmultirange()
 RETURNS uuidmultirange
 LANGUAGE internal
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$multirange_constructor0$function$;

CREATE OR REPLACE FUNCTION public.uuidmultirange(uuidrange)
 RETURNS uuidmultirange
 LANGUAGE internal
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$multirange_constructor1$function$;

CREATE OR REPLACE FUNCTION public.uuidmultirange(VARIADIC uuidrange[])
 RETURNS uuidmultirange
 LANGUAGE internal
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$multirange_constructor2$function$;
