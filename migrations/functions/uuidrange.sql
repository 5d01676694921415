CREATE OR REPLACE FUNCTION public.uuidrange(uuid, uuid)
 RETURNS uuidrange
 LANGUAGE internal
 IMMUTABLE PARALLEL SAFE
AS $function$range_constructor2$function$;

CREATE OR REPLACE FUNCTION public.uuidrange(uuid, uuid, text)
 RETURNS uuidrange
 LANGUAGE internal
 IMMUTABLE PARALLEL SAFE
AS $function$range_constructor3$function$;
