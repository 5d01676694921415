CREATE OR REPLACE FUNCTION public.open_exit_scan()
 RETURNS void
 LANGUAGE plpgsql
AS $function$
       DECLARE v_table regclass; v_walled boolean;
       BEGIN
         FOR v_table, v_walled IN
           SELECT t.oid::regclass, t.relrowsecurity FROM pg_class t
           WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p') AND t.relowner = 'moyai_owner'::regrole
             AND t.relname !~ '^vendor_' AND t.relname <> 'tenants'
             AND NOT EXISTS (SELECT FROM pg_attribute a
               WHERE a.attrelid = t.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)
             AND NOT has_table_privilege('moyai_exit', t.oid, 'SELECT')
         LOOP
           EXECUTE format('GRANT SELECT ON %s TO moyai_exit', v_table);
           IF v_walled THEN
             EXECUTE format('CREATE POLICY looked_through ON %s FOR SELECT TO moyai_exit USING (true)', v_table);
           END IF;
         END LOOP;
       END $function$;
