CREATE OR REPLACE FUNCTION public.note_departure()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
       BEGIN
         NEW.left_at := NEW.updated_at;
         RETURN NEW;
       END $function$;
