import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, executableBy, forwardOnly } from './owner.ts';

/** What the scan after a removal may read, what ops plans an exit by, and what the certificate says of the archives. */
export class ProveThatNothingStayed20261122037030 implements MigrationInterface {
  name = 'ProveThatNothingStayed20261122037030';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      // Hashes of the archives' manifests: the archives themselves go with the city.
      `ALTER TABLE city_exits ADD manifests jsonb NOT NULL DEFAULT '[]'`,
      'GRANT UPDATE (manifests) ON city_exits TO moyai_exit',
      `DO $$ BEGIN
         IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = 'contracts'::regclass AND polname = 'moyai_ops_across_tenants') THEN
           CREATE POLICY moyai_ops_across_tenants ON contracts FOR SELECT TO moyai_ops USING (true);
         END IF;
       END $$`,
      'GRANT SELECT (tenant_id, ends_on, deletion_days) ON contracts TO moyai_ops',
      // What is summed up for the console every minute leaves out who has left.
      'GRANT SELECT (status) ON tenants TO moyai_admission',
      // The vendor's own tables are looked through for names of the city's people; accounts of the vendor's people are not.
      `CREATE FUNCTION open_exit_scan() RETURNS void LANGUAGE plpgsql AS $$
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
       END $$`,
      ...executableBy('moyai_owner', 'open_exit_scan()'),
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
