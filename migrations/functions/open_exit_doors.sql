CREATE OR REPLACE FUNCTION public.open_exit_doors()
 RETURNS void
 LANGUAGE plpgsql
AS $function$
   DECLARE v_table regclass;
   BEGIN
     FOR v_table IN
       SELECT t.oid::regclass FROM pg_class t
       JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
       WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p')
         AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = t.oid AND p.polroles && ARRAY['moyai_exit'::regrole::oid])
     LOOP
       EXECUTE format('GRANT SELECT, DELETE ON %s TO moyai_exit', v_table);
       EXECUTE format('CREATE POLICY leaving_city_seen ON %s FOR SELECT TO moyai_exit
         USING (tenant_id = app_tenant_id() AND (SELECT exit_is_deleting()))', v_table);
       EXECUTE format('CREATE POLICY leaving_city_removed ON %s FOR DELETE TO moyai_exit
         USING (tenant_id = app_tenant_id() AND (SELECT exit_is_deleting()))', v_table);
     END LOOP;
   END $function$;
