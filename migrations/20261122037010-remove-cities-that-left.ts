import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, executableBy, forwardOnly } from './owner.ts';

/**
 * What the role moyai_exit may do (docs/decisions/0032): it sees and removes rows of a city whose deletion has begun, and
 * of no other. What is final for everybody else goes with its city.
 */
export class RemoveCitiesThatLeft20261122037010 implements MigrationInterface {
  name = 'RemoveCitiesThatLeft20261122037010';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [...DOORS, ...BOOKS_THAT_STAY, ...FINAL_FOR_OTHERS]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

const DOORS = [
  `CREATE FUNCTION exit_is_deleting() RETURNS boolean LANGUAGE sql STABLE AS $$
     SELECT EXISTS (SELECT FROM city_exits WHERE tenant_id = app_tenant_id() AND state = 'deleting') $$`,
  ...executableBy('moyai_exit', 'exit_is_deleting()'),
  // Asked by every migration run, so that no later table is forgotten. A table that stays has policies of its own.
  `CREATE FUNCTION open_exit_doors() RETURNS void LANGUAGE plpgsql AS $$
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
   END $$`,
  ...executableBy('moyai_owner', 'open_exit_doors()'),
  'GRANT EXECUTE ON FUNCTION audit_append(uuid, timestamptz, text, text, text, text, text, text, text, text) TO moyai_exit',
];

const LEAVING = `tenant_id = app_tenant_id() AND (SELECT exit_is_deleting())`;

const seen = (table: string): string[] => [
  `CREATE POLICY leaving_city_seen ON ${table} FOR SELECT TO moyai_exit USING (${LEAVING})`,
  `GRANT SELECT ON ${table} TO moyai_exit`,
];

const severed = (table: string, ...columns: string[]): string[] => [
  `CREATE POLICY leaving_city_severed ON ${table} FOR UPDATE TO moyai_exit USING (${LEAVING}) WITH CHECK (${LEAVING})`,
  `GRANT UPDATE (${columns.join(', ')}) ON ${table} TO moyai_exit`,
];

/** What tax law has the vendor keep; what points from it to a person or department of the city is cut. */
const BOOKS_THAT_STAY = [
  `CREATE POLICY leaving_city_removed ON data_exports FOR DELETE TO moyai_exit USING (${LEAVING})`,
  ...['contracts', 'contract_terms', 'contract_endings', 'council_members', 'period_usage', 'invoices'].flatMap(seen),
  ...severed('contracts', 'base_fee_department_id'),
  ...severed('invoices', 'accepted_by', 'disputed_by', 'dispute'),
  // A draft was never issued to anybody.
  `CREATE POLICY leaving_city_drafts ON invoices FOR DELETE TO moyai_exit USING (${LEAVING} AND number IS NULL)`,
  'GRANT DELETE ON invoices TO moyai_exit',
];

/** Final for everybody but the role that removes a city, which row-level security keeps from every other city. */
const FINAL_FOR_OTHERS = [
  'DROP TRIGGER no_change ON audit_entries',
  `CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON audit_entries
     FOR EACH ROW WHEN (current_user <> 'moyai_exit') EXECUTE FUNCTION audit_entries_are_final()`,
  'DROP TRIGGER no_change ON invoice_events',
  `CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON invoice_events
     FOR EACH ROW WHEN (current_user <> 'moyai_exit') EXECUTE FUNCTION invoices_stay()`,
  'DROP TRIGGER step ON invoices',
  `CREATE TRIGGER step BEFORE UPDATE OR DELETE ON invoices
     FOR EACH ROW WHEN (current_user <> 'moyai_exit') EXECUTE FUNCTION invoice_step()`,
];
