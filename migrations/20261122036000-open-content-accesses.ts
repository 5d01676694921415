import type { MigrationInterface, QueryRunner } from 'typeorm';
import { acrossTenants, asOwner, executableBy, forwardOnly, tenantPolicy } from './owner.ts';

/**
 * A look of one of the vendor's people at a city's words, in an incident and while the city lets it (docs/decisions/0030).
 * Ops may ask and end, the city may decide and end; each holds only the columns of its own step.
 */
export class OpenContentAccesses20261122036000 implements MigrationInterface {
  name = 'OpenContentAccesses20261122036000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE TABLE content_accesses (
         tenant_id uuid NOT NULL REFERENCES tenants (id),
         id uuid NOT NULL,
         segment text NOT NULL CHECK (segment IN ('my_number', 'lgwan', 'internet')),
         -- at most one of them; without, what is asked about is the whole segment
         conversation_id uuid,
         job_id uuid,
         reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
         ticket text NOT NULL CHECK (length(ticket) BETWEEN 1 AND 64),
         minutes integer NOT NULL CHECK (minutes BETWEEN 15 AND 480),
         asked_by uuid NOT NULL REFERENCES vendor_users (id),
         -- as announced: the city cannot read the vendor's register of people
         asked_by_name text NOT NULL,
         asked_at timestamptz NOT NULL,
         lapses_at timestamptz NOT NULL,
         decision text CHECK (decision IN ('approved', 'refused')),
         decided_by uuid,
         decided_at timestamptz,
         decision_note text CHECK (length(decision_note) BETWEEN 1 AND 500),
         ends_at timestamptz,
         ended_at timestamptz,
         ended_by_member uuid,
         ended_by_vendor uuid REFERENCES vendor_users (id),
         PRIMARY KEY (tenant_id, id),
         FOREIGN KEY (tenant_id, decided_by) REFERENCES members (tenant_id, id),
         FOREIGN KEY (tenant_id, ended_by_member) REFERENCES members (tenant_id, id),
         CHECK (num_nonnulls(conversation_id, job_id) <= 1),
         CHECK (lapses_at > asked_at AND lapses_at <= asked_at + interval '24 hours'),
         CHECK (num_nulls(decision, decided_by, decided_at) IN (0, 3)),
         CHECK (decided_at < lapses_at),
         CHECK ((ends_at IS NOT NULL) = (decision IS NOT DISTINCT FROM 'approved')),
         CHECK (ends_at = decided_at + make_interval(mins => minutes)),
         CHECK (decision IS DISTINCT FROM 'refused' OR (decision_note IS NOT NULL AND ended_at IS NULL)),
         CHECK (num_nonnulls(ended_by_member, ended_by_vendor) = CASE WHEN ended_at IS NULL THEN 0 ELSE 1 END)
       )`,
      'CREATE INDEX content_accesses_by_age ON content_accesses (asked_at DESC, id DESC)',
      // The vendor's people name an access by its id alone.
      'CREATE INDEX content_accesses_by_id ON content_accesses (id)',
      ...tenantPolicy('content_accesses'),
      acrossTenants('content_accesses', 'moyai_ops'),
      'GRANT SELECT ON content_accesses TO moyai_app, moyai_ops',
      `GRANT INSERT (tenant_id, id, segment, conversation_id, job_id, reason, ticket, minutes, asked_by, asked_by_name,
         asked_at, lapses_at) ON content_accesses TO moyai_ops`,
      `GRANT UPDATE (decision, decided_by, decided_at, decision_note, ends_at, ended_at, ended_by_member)
         ON content_accesses TO moyai_app`,
      'GRANT UPDATE (ended_at, ended_by_vendor) ON content_accesses TO moyai_ops',
      `CREATE FUNCTION content_accesses_go_forward() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF OLD.ended_at IS NOT NULL OR (OLD.decision IS NOT NULL AND ROW (OLD.decision, OLD.decided_by, OLD.decided_at,
           OLD.decision_note, OLD.ends_at) IS DISTINCT FROM ROW (NEW.decision, NEW.decided_by, NEW.decided_at,
           NEW.decision_note, NEW.ends_at))
         THEN RAISE EXCEPTION 'what was decided or ended stays so' USING ERRCODE = 'MA001'; END IF;
         RETURN NEW;
       END $$`,
      `CREATE TRIGGER go_forward BEFORE UPDATE ON content_accesses
         FOR EACH ROW EXECUTE FUNCTION content_accesses_go_forward()`,
      // The city watches what is read by reading its own trail.
      `CREATE INDEX audit_entries_of_content_access ON audit_entries (tenant_id, subject_id, sequence)
         WHERE subject_type = 'content-access'`,
      HOLD,
      'REVOKE ALL ON FUNCTION content_access_hold(uuid, uuid) FROM PUBLIC',
      RECORD,
      'REVOKE ALL ON FUNCTION content_access_record(content_accesses, text, json) FROM PUBLIC',
      LIST,
      ...executableBy('moyai_ops', 'content_access_jobs(uuid, uuid, uuid, integer)'),
      READ,
      ...executableBy('moyai_ops', 'content_access_read(uuid, uuid, uuid, uuid)'),
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

/**
 * The access if this person may read under it at this moment. Its row stays locked until the commit: an end that comes
 * meanwhile waits for this reading, and no reading comes after an end.
 */
const HOLD = `CREATE FUNCTION content_access_hold(p_access uuid, p_reader uuid) RETURNS content_accesses LANGUAGE plpgsql AS $$
DECLARE
  v_access content_accesses;
BEGIN
  SELECT a.* INTO v_access FROM content_accesses a
  WHERE a.tenant_id = app_tenant_id() AND a.segment = app_segment() AND a.id = p_access AND a.asked_by = p_reader
    AND a.decision = 'approved' AND a.ended_at IS NULL AND a.ends_at > clock_timestamp()
    AND EXISTS (SELECT FROM vendor_users u WHERE u.id = a.asked_by AND u.status = 'active' AND u.role = 'ops')
  FOR SHARE OF a;
  IF NOT FOUND THEN RAISE EXCEPTION 'no access is open' USING ERRCODE = 'MA002'; END IF;
  RETURN v_access;
END $$`;

/** What was read, in the city's trail: the reading and its entry are one statement, and neither is without the other. */
const RECORD = `CREATE FUNCTION content_access_record(p_access content_accesses, p_action text, p_details json)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM audit_append(gen_random_uuid(), clock_timestamp(), 'vendor', p_access.asked_by::text, p_action,
    'content-access', p_access.id::text, p_access.segment, 'success', p_details::text);
END $$`;

/** Jobs in reach, newest first, without a word of them. @param p_before id of the last job seen */
const LIST = `CREATE FUNCTION content_access_jobs(p_access uuid, p_reader uuid, p_before uuid, p_limit integer)
RETURNS TABLE (id uuid, conversation_id uuid, status text, model text, error_code text, input_bytes integer,
  output_bytes integer, accepted_at timestamptz, finished_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  v_access content_accesses := content_access_hold(p_access, p_reader);
  v_count bigint;
BEGIN
  RETURN QUERY SELECT j.id, j.conversation_id, j.status, j.model, j.error_code, j.input_bytes, j.output_bytes,
      j.accepted_at, j.finished_at
    FROM jobs j
    WHERE j.tenant_id = v_access.tenant_id AND (v_access.job_id IS NULL OR j.id = v_access.job_id)
      AND (v_access.conversation_id IS NULL OR j.conversation_id = v_access.conversation_id)
      AND (p_before IS NULL OR j.id < p_before)
    ORDER BY j.id DESC LIMIT least(p_limit, 101);
  GET DIAGNOSTICS v_count = ROW_COUNT;
  PERFORM content_access_record(v_access, 'content-access.listed', json_build_object('jobs', v_count));
END $$`;

/** The sealed words of one job, or of one conversation: whichever is named, and within reach. */
const READ = `CREATE FUNCTION content_access_read(p_access uuid, p_reader uuid, p_conversation uuid, p_job uuid)
RETURNS TABLE (id uuid, conversation_id uuid, status text, model text, error_code text, input_bytes integer,
  output_bytes integer, accepted_at timestamptz, finished_at timestamptz, input_sealed bytea, output_sealed bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  v_access content_accesses := content_access_hold(p_access, p_reader);
  v_count bigint;
BEGIN
  IF num_nonnulls(p_conversation, p_job) <> 1 THEN RAISE EXCEPTION 'one job or one conversation'; END IF;
  RETURN QUERY SELECT j.id, j.conversation_id, j.status, j.model, j.error_code, j.input_bytes, j.output_bytes,
      j.accepted_at, j.finished_at, j.input_sealed, j.output_sealed
    FROM jobs j
    WHERE j.tenant_id = v_access.tenant_id AND (v_access.job_id IS NULL OR j.id = v_access.job_id)
      AND (v_access.conversation_id IS NULL OR j.conversation_id = v_access.conversation_id)
      AND (j.id = p_job OR j.conversation_id = p_conversation)
    ORDER BY j.accepted_at, j.id;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  IF v_count = 0 THEN RETURN; END IF;
  PERFORM content_access_record(v_access, 'content-access.read', json_build_object(
    'kind', CASE WHEN p_job IS NULL THEN 'conversation' ELSE 'job' END, 'id', coalesce(p_job, p_conversation), 'jobs', v_count));
END $$`;
