CREATE OR REPLACE FUNCTION public.city_exit_step()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
   BEGIN
     IF TG_OP = 'DELETE' OR OLD.state <> NEW.state AND (OLD.state, NEW.state, current_user::text) NOT IN (
       ('planned', 'frozen', 'moyai_ops'), ('planned', 'withdrawn', 'moyai_ops'), ('frozen', 'withdrawn', 'moyai_ops'),
       ('exported', 'withdrawn', 'moyai_ops'), ('waiting', 'withdrawn', 'moyai_ops'),
       ('frozen', 'exported', 'moyai_exit'), ('exported', 'waiting', 'moyai_app'), ('exported', 'waiting', 'moyai_ops'),
       ('waiting', 'deleting', 'moyai_ops'), ('deleting', 'deleted', 'moyai_exit'))
     THEN RAISE EXCEPTION 'no such step' USING ERRCODE = 'MX002'; END IF;
     RETURN NEW;
   END $function$;
