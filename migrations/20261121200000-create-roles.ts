import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

const ROLES = ['moyai_owner', 'moyai_app', 'moyai_admission', 'moyai_ops', 'moyai_finance'];

/** The five database roles of design law 4. They cannot sign in until an operator gives them a password. */
export class CreateRoles20261121200000 implements MigrationInterface {
  name = 'CreateRoles20261121200000';

  async up(runner: QueryRunner): Promise<void> {
    for (const role of ROLES) {
      await runner.query(`DO $$ BEGIN
        CREATE ROLE ${role} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`);
    }
    await runner.query('DO $$ BEGIN GRANT moyai_owner TO CURRENT_USER; EXCEPTION WHEN OTHERS THEN NULL; END $$');
    await runner.query('REVOKE ALL ON SCHEMA public FROM PUBLIC');
    await runner.query('GRANT CREATE, USAGE ON SCHEMA public TO moyai_owner');
    await runner.query('GRANT USAGE ON SCHEMA public TO moyai_app, moyai_admission, moyai_ops, moyai_finance');
    await asOwner(runner, [
      // After SET LOCAL ends the setting reads '' and not NULL: nullif makes "no tenant" match no row.
      `CREATE FUNCTION app_tenant_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
         AS $$ SELECT nullif(current_setting('app.tenant_id', true), '')::uuid $$`,
      `CREATE FUNCTION app_segment() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
         AS $$ SELECT nullif(current_setting('app.segment', true), '') $$`,
      // Lets a statement refuse its whole transaction, so that what follows it need not wait for its answer.
      `CREATE FUNCTION demand(p_fact boolean, p_sqlstate text) RETURNS void LANGUAGE plpgsql AS $$
       BEGIN IF p_fact IS NOT TRUE THEN RAISE EXCEPTION USING ERRCODE = p_sqlstate, MESSAGE = 'refused'; END IF; END $$`,
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
