import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly, tenantPolicy } from './owner.ts';

/**
 * People and departments come and go on days: rights that end, departments that close, and who belonged where when. The
 * histories are written by triggers, so that no way to change a member or a department leaves them behind.
 */
export class DateTheRoster20261122031000 implements MigrationInterface {
  name = 'DateTheRoster20261122031000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      // NULL: invited and not come yet, or known to the city's own sign-in alone
      'ALTER TABLE members ALTER COLUMN password_hash DROP NOT NULL',
      // rights end at 00:00 JST of this day
      'ALTER TABLE members ADD expires_on date',
      // nobody belongs to it from this JST day on; its rows stay for what was used and billed
      'ALTER TABLE departments ADD closed_on date',

      `CREATE TABLE member_postings (
         tenant_id uuid NOT NULL,
         member_id uuid NOT NULL,
         department_id uuid NOT NULL,
         began_at timestamptz NOT NULL,
         ended_at timestamptz CHECK (ended_at >= began_at),
         PRIMARY KEY (tenant_id, member_id, began_at),
         FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id),
         FOREIGN KEY (tenant_id, department_id) REFERENCES departments (tenant_id, id)
       )`,
      `CREATE UNIQUE INDEX member_postings_present ON member_postings (tenant_id, member_id) WHERE ended_at IS NULL`,
      ...tenantPolicy('member_postings'),
      'GRANT SELECT ON member_postings TO moyai_app',

      `CREATE TABLE department_versions (
         tenant_id uuid NOT NULL,
         department_id uuid NOT NULL,
         parent_id uuid,
         name text NOT NULL,
         began_at timestamptz NOT NULL,
         ended_at timestamptz CHECK (ended_at >= began_at),
         PRIMARY KEY (tenant_id, department_id, began_at),
         FOREIGN KEY (tenant_id, department_id) REFERENCES departments (tenant_id, id),
         FOREIGN KEY (tenant_id, parent_id) REFERENCES departments (tenant_id, id)
       )`,
      `CREATE UNIQUE INDEX department_versions_present ON department_versions (tenant_id, department_id)
         WHERE ended_at IS NULL`,
      ...tenantPolicy('department_versions'),
      'GRANT SELECT ON department_versions TO moyai_app',

      POST_MEMBER,
      VERSION_DEPARTMENT,
      'REVOKE ALL ON FUNCTION post_member(), version_department() FROM PUBLIC',
      `CREATE TRIGGER first_posting AFTER INSERT ON members
         FOR EACH ROW WHEN (NEW.department_id IS NOT NULL) EXECUTE FUNCTION post_member()`,
      `CREATE TRIGGER next_posting AFTER UPDATE OF department_id ON members
         FOR EACH ROW WHEN (NEW.department_id IS DISTINCT FROM OLD.department_id) EXECUTE FUNCTION post_member()`,
      `CREATE TRIGGER first_version AFTER INSERT ON departments FOR EACH ROW EXECUTE FUNCTION version_department()`,
      `CREATE TRIGGER next_version AFTER UPDATE OF parent_id, name ON departments
         FOR EACH ROW WHEN (NEW.parent_id IS DISTINCT FROM OLD.parent_id OR NEW.name <> OLD.name)
         EXECUTE FUNCTION version_department()`,
      BEGIN_HISTORIES,
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

/**
 * Written as the owner, so that nobody else can write history; for the row's own tenant, which is the transaction's wherever
 * there is one, and which is put back.
 */
const asHistory = (name: string, body: string): string => `
CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE v_scope text := coalesce(current_setting('app.tenant_id', true), '');
BEGIN
  PERFORM set_config('app.tenant_id', NEW.tenant_id::text, true);
  ${body}
  PERFORM set_config('app.tenant_id', v_scope, true);
  RETURN NULL;
END $$`;

const POST_MEMBER = asHistory(
  'post_member',
  `UPDATE public.member_postings SET ended_at = greatest(began_at, NEW.updated_at)
  WHERE tenant_id = NEW.tenant_id AND member_id = NEW.id AND ended_at IS NULL;
  IF NEW.department_id IS NOT NULL THEN
    INSERT INTO public.member_postings (tenant_id, member_id, department_id, began_at)
    VALUES (NEW.tenant_id, NEW.id, NEW.department_id, NEW.updated_at)
    ON CONFLICT (tenant_id, member_id, began_at) DO UPDATE SET department_id = EXCLUDED.department_id, ended_at = NULL;
  END IF;`,
);

const VERSION_DEPARTMENT = asHistory(
  'version_department',
  `UPDATE public.department_versions SET ended_at = greatest(began_at, NEW.updated_at)
  WHERE tenant_id = NEW.tenant_id AND department_id = NEW.id AND ended_at IS NULL;
  INSERT INTO public.department_versions (tenant_id, department_id, parent_id, name, began_at)
  VALUES (NEW.tenant_id, NEW.id, NEW.parent_id, NEW.name, NEW.updated_at)
  ON CONFLICT (tenant_id, department_id, began_at)
    DO UPDATE SET parent_id = EXCLUDED.parent_id, name = EXCLUDED.name, ended_at = NULL;`,
);

/** City by city, because row-level security binds the owner too. What was before is known as it is today. */
const BEGIN_HISTORIES = `
DO $$ DECLARE v_tenant uuid; BEGIN
  FOR v_tenant IN SELECT id FROM tenants LOOP
    PERFORM set_config('app.tenant_id', v_tenant::text, true);
    INSERT INTO member_postings (tenant_id, member_id, department_id, began_at)
      SELECT tenant_id, id, department_id, created_at FROM members WHERE department_id IS NOT NULL;
    INSERT INTO department_versions (tenant_id, department_id, parent_id, name, began_at)
      SELECT tenant_id, id, parent_id, name, created_at FROM departments;
  END LOOP;
  PERFORM set_config('app.tenant_id', '', true);
END $$`;
