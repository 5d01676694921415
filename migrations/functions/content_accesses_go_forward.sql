CREATE OR REPLACE FUNCTION public.content_accesses_go_forward()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
       BEGIN
         IF OLD.ended_at IS NOT NULL OR (OLD.decision IS NOT NULL AND ROW (OLD.decision, OLD.decided_by, OLD.decided_at,
           OLD.decision_note, OLD.ends_at) IS DISTINCT FROM ROW (NEW.decision, NEW.decided_by, NEW.decided_at,
           NEW.decision_note, NEW.ends_at))
         THEN RAISE EXCEPTION 'what was decided or ended stays so' USING ERRCODE = 'MA001'; END IF;
         RETURN NEW;
       END $function$;
