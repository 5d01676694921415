/** One rule of design laws 2-4 as a question to the catalogue. Every row of the answer is a breach. */
export interface DatabaseLaw {
  readonly says: string;
  /** Returns one text column: what breaks the law. */
  readonly breaches: string;
}

/** Signs in for the product's processes; each does only what its grants say. */
const PRODUCT_ROLES = `('moyai_app', 'moyai_admission', 'moyai_ops', 'moyai_finance', 'moyai_exit')`;

/**
 * Tables about no single city. A new table without tenant_id must be argued into this list. The urgent openings are the
 * vendor's announcements, which every city may read (docs/decisions/0014); a council belongs to several cities.
 */
const VENDOR_TABLES = `('tenants', 'vendor_users', 'vendor_sessions', 'vendor_service_keys', 'vendor_factors', 'vendor_recovery_codes', 'city_onboardings', 'admission_clock', 'admission_lanes',
  'admission_routes', 'pool_deployments', 'pool_routes', 'migrations',
  'urgent_openings', 'urgent_opening_cities', 'maintenance_notices', 'maintenance_notice_cities', 'pool_samples', 'lane_samples',
  'model_prices', 'fx_rates', 'billing_periods', 'plans', 'councils', 'invoice_numbers', 'invoice_archives',
  'cost_reports', 'cost_report_lines', 'usage_type_models', 'reconciled_usage', 'removed_usage', 'variances', 'variance_entries',
  'cost_report_waivers')`;

/**
 * Tables that name a segment and are walled by tenant alone: a city has one bill, one auditor, one register of members
 * and one place in the queue for all its networks (docs/decisions/0006), and one administrator for the policies of all.
 */
const SEGMENT_AS_FACT = `('members', 'usage_records', 'audit_entries', 'admission_entries', 'lost_calls',
  'segment_policies', 'content_accesses')`;

// Ours; BullMQ's own schema holds ids only and belongs to the admission role.
const TABLES = `pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'bullmq') AND n.nspname !~ '^pg_(toast|temp)'`;
const ORDINARY = `t.relkind IN ('r', 'p')`;
const HAS_TENANT = `EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)`;
const TENANT_TABLE = `${ORDINARY} AND (${HAS_TENANT} OR t.relname = 'tenants')`;

const tenantColumn = (table: string): string =>
  `(SELECT a.attnum FROM pg_attribute a WHERE a.attrelid = ${table} AND a.attname = 'tenant_id')`;

const granted = (table: string, privilege: string): string =>
  `SELECT t.relname || '.' || a.attname || ' to ' || r.rolname
   FROM pg_roles r CROSS JOIN ${TABLES} JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
   WHERE has_column_privilege(r.oid, t.oid, a.attnum, '${privilege}') AND ${table}`;

export const DATABASE_LAWS = {
  tenantColumn: {
    says: 'a table belongs to a tenant unless it is listed as the vendor’s',
    breaches: `SELECT t.relname FROM ${TABLES} WHERE ${ORDINARY} AND NOT ${HAS_TENANT} AND t.relname NOT IN ${VENDOR_TABLES}`,
  },
  forcedRowSecurity: {
    says: 'row-level security is enabled and forced on every tenant table',
    breaches: `SELECT t.relname FROM ${TABLES} WHERE ${TENANT_TABLE} AND NOT (t.relrowsecurity AND t.relforcerowsecurity)`,
  },
  tenantPolicy: {
    says: 'what the app role (or everybody, or the owner) may see and write is the transaction’s tenant, and where rows carry a segment its segment',
    breaches: `
      WITH tables AS (
        SELECT t.oid, t.relname, CASE
          WHEN t.relname = 'tenants' THEN '(id = app_tenant_id())'
          WHEN t.relname NOT IN ${SEGMENT_AS_FACT} AND EXISTS (
            SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'segment' AND NOT a.attisdropped)
          THEN '((tenant_id = app_tenant_id()) AND (segment = app_segment()))'
          ELSE '(tenant_id = app_tenant_id())' END AS wall
        FROM ${TABLES} WHERE ${TENANT_TABLE})
      SELECT relname || ': no policy' FROM tables t
      WHERE NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = t.oid AND p.polpermissive)
      UNION ALL
      SELECT relname || ': ' || polname FROM tables t JOIN pg_policy p ON p.polrelid = t.oid
      WHERE p.polroles && ARRAY[0::oid, 'moyai_app'::regrole::oid, 'moyai_owner'::regrole::oid]
        -- a restrictive policy stands beside the wall and can only narrow it
        AND p.polpermissive
        -- sign-in starts from a municipality code: tenant_by_code() reads as the owner, and only reads
        AND NOT (t.relname = 'tenants' AND p.polcmd = 'r' AND p.polroles = ARRAY['moyai_owner'::regrole::oid])
        AND (pg_get_expr(p.polqual, p.polrelid) IS DISTINCT FROM t.wall
             OR pg_get_expr(p.polwithcheck, p.polrelid) IS DISTINCT FROM t.wall)`,
  },
  policyBothWays: {
    says: 'a policy that lets write says which rows may be written (WITH CHECK), not only which may be touched (USING)',
    breaches: `SELECT t.relname || ': ' || p.polname FROM ${TABLES} JOIN pg_policy p ON p.polrelid = t.oid
      WHERE p.polcmd IN ('*', 'w') AND (p.polqual IS NULL OR p.polwithcheck IS NULL)`,
  },
  tenantFirstKey: {
    says: 'the primary key of a tenant table starts with tenant_id',
    breaches: `SELECT t.relname FROM ${TABLES} WHERE ${ORDINARY} AND ${HAS_TENANT} AND NOT EXISTS (
      SELECT FROM pg_index i WHERE i.indrelid = t.oid AND i.indisprimary AND i.indkey[0] = ${tenantColumn('t.oid')})`,
  },
  tenantInUniqueIndexes: {
    says: 'a unique index of a tenant table carries tenant_id: a collision must not tell of another city’s rows',
    breaches: `SELECT i.indexrelid::regclass::text FROM ${TABLES} JOIN pg_index i ON i.indrelid = t.oid AND i.indisunique
      WHERE ${ORDINARY} AND ${HAS_TENANT} AND NOT ${tenantColumn('t.oid')} = ANY (i.indkey::smallint[])
        -- calls from outside: no city writes any (a policy says so), and the vendor knows of all
        AND i.indexrelid::regclass::text <> 'usage_records_one_city_a_call'`,
  },
  tenantInForeignKeys: {
    says: 'a foreign key between tenant tables ties tenant_id to tenant_id (or to the id of tenants)',
    breaches: `SELECT t.relname || ': ' || f.conname FROM ${TABLES} JOIN pg_constraint f ON f.conrelid = t.oid AND f.contype = 'f'
      JOIN pg_class r ON r.oid = f.confrelid
      WHERE ${HAS_TENANT} AND (r.relname = 'tenants' OR ${HAS_TENANT.replaceAll('t.oid', 'r.oid')})
        AND NOT EXISTS (
          SELECT FROM unnest(f.conkey, f.confkey) AS pair (here, there)
          JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = pair.there
          WHERE pair.here = ${tenantColumn('t.oid')}
            AND a.attname = CASE WHEN r.relname = 'tenants' THEN 'id' ELSE 'tenant_id' END)`,
  },
  viewsObeyTheReader: {
    says: 'a view reads with the rights of who asks, and no view stores rows',
    breaches: `SELECT t.relname FROM ${TABLES} WHERE t.relkind = 'm'
      OR (t.relkind = 'v' AND NOT coalesce(t.reloptions && ARRAY['security_invoker=true', 'security_invoker=on', 'security_invoker=1'], false))`,
  },
  powerlessRoles: {
    says: 'no product role is above the laws or can become another role, and nobody signs in as the owner',
    breaches: `
      SELECT rolname::text FROM pg_roles WHERE rolname IN ${PRODUCT_ROLES}
        AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)
      UNION ALL
      SELECT rolname::text FROM pg_roles WHERE rolname = 'moyai_owner' AND (rolsuper OR rolbypassrls OR rolcanlogin)
      UNION ALL
      SELECT m.rolname || ' is a member of ' || r.rolname FROM pg_auth_members g
      JOIN pg_roles m ON m.oid = g.member JOIN pg_roles r ON r.oid = g.roleid WHERE m.rolname IN ${PRODUCT_ROLES}`,
  },
  ownsNothing: {
    says: 'no product role owns a table or function or may create one in our schema: an owner could switch the walls off',
    breaches: `
      SELECT t.relname || ' belongs to ' || t.relowner::regrole FROM ${TABLES} WHERE t.relowner::regrole::text IN ${PRODUCT_ROLES}
      UNION ALL
      SELECT p.proname || ' belongs to ' || p.proowner::regrole FROM pg_proc p
      WHERE p.pronamespace = 'public'::regnamespace AND p.proowner::regrole::text IN ${PRODUCT_ROLES}
      UNION ALL
      SELECT rolname || ' creates in public' FROM pg_roles
      WHERE rolname IN ${PRODUCT_ROLES} AND has_schema_privilege(oid, 'public', 'CREATE')`,
  },
  noTableWidePowers: {
    says: 'no product role may TRUNCATE (row-level security does not apply to it), hang triggers or reference past the walls',
    breaches: `SELECT r.rolname || ' on ' || t.relname FROM pg_roles r CROSS JOIN ${TABLES}
      WHERE r.rolname IN ${PRODUCT_ROLES} AND ${ORDINARY} AND has_table_privilege(r.oid, t.oid, 'TRUNCATE, TRIGGER, REFERENCES')`,
  },
  nothingForEverybody: {
    says: 'no table is granted to PUBLIC',
    breaches: `SELECT t.relname FROM ${TABLES} CROSS JOIN LATERAL aclexplode(t.relacl) g WHERE g.grantee = 0
      UNION ALL
      SELECT t.relname || '.' || a.attname FROM ${TABLES} JOIN pg_attribute a ON a.attrelid = t.oid
      CROSS JOIN LATERAL aclexplode(a.attacl) g WHERE g.grantee = 0`,
  },
  vendorReadsNoContent: {
    says: 'no vendor role reads sealed content, secrets or their hashes; ops reads those of the vendor’s own people',
    breaches: granted(
      `r.rolname IN ('moyai_admission', 'moyai_ops', 'moyai_finance')
       AND (a.attname ~ '_sealed$' OR a.attname IN ('password_hash', 'secret_hash', 'wrapped_key'))
       AND NOT (r.rolname = 'moyai_ops' AND t.relname IN ('vendor_users', 'vendor_sessions', 'vendor_service_keys', 'vendor_factors'))`,
      'SELECT',
    ),
  },
  vendorReachesContentByAccess: {
    says: 'no function that reads past its caller’s grants hands a vendor role content, but under a living access',
    breaches: `SELECT p.proname || ' to ' || r.rolname FROM pg_proc p CROSS JOIN pg_roles r
      WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace
        AND r.rolname IN ('moyai_admission', 'moyai_ops', 'moyai_finance') AND has_function_privilege(r.oid, p.oid, 'EXECUTE')
        AND p.prosrc ~ '_sealed|password_hash|secret_hash|wrapped_key|login_id|display_name|mail_address'
        AND NOT (r.rolname = 'moyai_ops' AND p.proname = 'content_access_read' AND p.prosrc ~ 'content_access_hold\\(')`,
  },
  vendorKnowsNoNames: {
    says: 'no vendor role reads who a city’s members are, and finance not even which member worked',
    breaches: granted(
      `t.relname <> 'vendor_users' AND (
         (r.rolname IN ('moyai_admission', 'moyai_ops', 'moyai_finance') AND a.attname IN ('login_id', 'login_id_key', 'display_name', 'mail_address'))
         OR (r.rolname = 'moyai_finance' AND a.attname IN ('member_id', 'actor_id')))`,
      'SELECT',
    ),
  },
  auditIsWrittenByItsFunction: {
    says: 'no product role writes the audit trail but through audit_append(); it goes with its city alone',
    breaches: `SELECT r.rolname || ' on ' || t.relname FROM pg_roles r CROSS JOIN ${TABLES}
      WHERE r.rolname IN ${PRODUCT_ROLES} AND t.relname ~ '^audit_'
        AND (has_any_column_privilege(r.oid, t.oid, 'INSERT, UPDATE')
          OR (has_table_privilege(r.oid, t.oid, 'DELETE') AND r.rolname <> 'moyai_exit'))`,
  },
  removedOnlyWhenLeaving: {
    says: 'the role of leaving cities removes rows of a city whose deletion has begun and of no other, and rewrites none of content',
    breaches: `
      SELECT t.relname || ': ' || p.polname FROM ${TABLES} JOIN pg_policy p ON p.polrelid = t.oid
      WHERE p.polroles && ARRAY['moyai_exit'::regrole::oid] AND has_table_privilege('moyai_exit', t.oid, 'DELETE')
        AND p.polcmd IN ('d', '*') AND t.relname <> 'exit_canaries'
        AND pg_get_expr(p.polqual, p.polrelid) !~ 'tenant_id = app_tenant_id\\(\\).*exit_is_deleting'
      UNION ALL
      ${granted(`r.rolname = 'moyai_exit' AND a.attname ~ '(_sealed|_hash|_key)$' AND a.attname <> 'chain_hash'`, 'UPDATE')}`,
  },
  definerFunctions: {
    says: 'a SECURITY DEFINER function belongs to moyai_owner, pins its search_path with pg_temp last, and is not for everybody',
    breaches: `SELECT p.proname::text FROM pg_proc p
      WHERE p.prosecdef AND p.pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
        AND (p.proowner <> 'moyai_owner'::regrole
             -- left out, pg_temp is searched first, and a caller's temporary table passes for ours
             OR NOT coalesce(p.proconfig::text ~ 'search_path=[^"]*, pg_temp', false)
             OR EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g WHERE g.grantee = 0))`,
  },
} as const satisfies Record<string, DatabaseLaw>;

export type DatabaseLawName = keyof typeof DATABASE_LAWS;
