import type { QueryRunner } from 'typeorm';

/** Tables and functions belong to moyai_owner, which nobody signs in as; the migrating login only borrows it. */
export async function asOwner(runner: QueryRunner, statements: readonly string[]): Promise<void> {
  await runner.query('SET LOCAL ROLE moyai_owner');
  for (const statement of statements) await runner.query(statement);
  await runner.query('RESET ROLE');
}

/** A landed migration is never undone: a later one corrects it. */
export function forwardOnly(): never {
  throw new Error('migrations are forward-only: write a new migration that corrects this one');
}

/**
 * Row-level security of a table whose rows belong to a tenant: reads and writes need the tenant of the transaction.
 * moyai_owner is named too because SECURITY DEFINER functions run as it and FORCE makes the owner obey.
 */
export const tenantPolicy = (table: string): string[] => [
  `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
  `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`,
  `CREATE POLICY tenant_isolation ON ${table} TO moyai_app, moyai_owner
     USING (tenant_id = app_tenant_id()) WITH CHECK (tenant_id = app_tenant_id())`,
];

/** As {@link tenantPolicy}, and the network segment of the transaction must match too. */
export const segmentPolicy = (table: string): string[] => [
  `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
  `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`,
  `CREATE POLICY tenant_and_segment_isolation ON ${table} TO moyai_app, moyai_owner
     USING (tenant_id = app_tenant_id() AND segment = app_segment())
     WITH CHECK (tenant_id = app_tenant_id() AND segment = app_segment())`,
];

/** A vendor role works across cities; what it may touch there is decided by its column grants alone. */
export const acrossTenants = (table: string, role: string): string =>
  `CREATE POLICY ${role}_across_tenants ON ${table} TO ${role} USING (true) WITH CHECK (true)`;

/** Functions are everybody's to call unless that is taken back. */
export const executableBy = (role: string, ...signatures: string[]): string[] =>
  signatures.flatMap((signature) => [
    `REVOKE ALL ON FUNCTION ${signature} FROM PUBLIC`,
    `GRANT EXECUTE ON FUNCTION ${signature} TO ${role}`,
  ]);

/** Changes these places of a function; whatever else has been changed in it since it was written stays. */
export const rewrite = (signature: string, ...places: (readonly [from: string, to: string])[]): string => `
DO $rewrite$
DECLARE
  v_function text := pg_get_functiondef('${signature}'::regprocedure);
  v_from text;
  v_to text;
BEGIN
  FOR v_from, v_to IN VALUES ${places.map(([from, to]) => `($place$${from}$place$, $place$${to}$place$)`).join(', ')} LOOP
    IF position(v_from IN v_function) = 0 THEN RAISE EXCEPTION '${signature} has no "%"', v_from; END IF;
    v_function := replace(v_function, v_from, v_to);
  END LOOP;
  EXECUTE v_function;
END $rewrite$`;
