CREATE OR REPLACE FUNCTION public.terms_within_contract()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
   BEGIN
     IF NOT EXISTS (SELECT FROM contracts c WHERE c.tenant_id = NEW.tenant_id AND c.id = NEW.contract_id
                      AND NEW.valid_from BETWEEN c.starts_on AND c.ends_on) THEN
       RAISE EXCEPTION 'terms outside their contract' USING ERRCODE = 'MC002';
     END IF;
     RETURN NEW;
   END $function$;
