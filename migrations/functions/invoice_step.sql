CREATE OR REPLACE FUNCTION public.invoice_step()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
   BEGIN
     IF OLD.number IS NOT NULL AND (TG_OP = 'DELETE' OR
       to_jsonb(OLD) - '{state,accepted_by,accepted_at,disputed_by,disputed_at,dispute,paid_by,paid_at,paid_on}'::text[] IS DISTINCT FROM
       to_jsonb(NEW) - '{state,accepted_by,accepted_at,disputed_by,disputed_at,dispute,paid_by,paid_at,paid_on}'::text[])
     THEN RAISE EXCEPTION 'an issued invoice is final' USING ERRCODE = 'MI001'; END IF;
     IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
     IF (current_user = 'moyai_app') IS DISTINCT FROM ((OLD.state, NEW.state) IN
          (('issued', 'accepted'), ('issued', 'disputed'), ('disputed', 'accepted')))
       OR (OLD.state, NEW.state) NOT IN (
          ('draft', 'draft'), ('draft', 'reviewed'), ('reviewed', 'approved'), ('approved', 'issued'),
          ('reviewed', 'draft'), ('approved', 'draft'),
          ('issued', 'accepted'), ('issued', 'disputed'), ('disputed', 'accepted'), ('accepted', 'paid'))
       -- what is owed to the city is not received or paid by it
       OR (NEW.kind = 'credit-note' AND NEW.state IN ('disputed', 'accepted', 'paid'))
       -- what was looked at is what is issued; only the number and the days are filled in then
       OR (NEW.document <> OLD.document AND NEW.state NOT IN ('draft', 'issued'))
     THEN RAISE EXCEPTION 'no such step' USING ERRCODE = 'MI002'; END IF;
     RETURN NEW;
   END $function$;
