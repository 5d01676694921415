import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, executableBy, forwardOnly, segmentPolicy } from './owner.ts';

/**
 * What becomes of conversations and batches whose owner has left (docs/decisions/0035): the city's rule for each network,
 * and a new owner. No role holds the columns that name an owner; hand_over() and take_back() alone change them.
 */
export class HandContentOver20261122042000 implements MigrationInterface {
  name = 'HandContentOver20261122042000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      // when they were last disabled, or taken to another network
      'ALTER TABLE members ADD left_at timestamptz',
      `CREATE FUNCTION note_departure() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         NEW.left_at := NEW.updated_at;
         RETURN NEW;
       END $$`,
      `CREATE TRIGGER departure BEFORE UPDATE OF status, segment ON members FOR EACH ROW
         WHEN ((NEW.status = 'disabled' AND OLD.status <> 'disabled') OR NEW.segment <> OLD.segment)
         EXECUTE FUNCTION note_departure()`,
      KNOWN_DEPARTURES,

      `CREATE TABLE ownerless_rules (
         tenant_id uuid NOT NULL REFERENCES tenants (id),
         segment text NOT NULL CHECK (segment IN ('my_number', 'lgwan', 'internet')),
         rule text NOT NULL CHECK (rule IN ('keep', 'manager', 'delete')),
         after_days integer NOT NULL CHECK (after_days BETWEEN 7 AND 365),
         updated_at timestamptz NOT NULL,
         PRIMARY KEY (tenant_id, segment)
       )`,
      ...segmentPolicy('ownerless_rules'),
      'GRANT SELECT, INSERT ON ownerless_rules TO moyai_app',
      'GRANT UPDATE (rule, after_days, updated_at) ON ownerless_rules TO moyai_app',
      // The worker finds the networks on which there is something to do.
      `CREATE POLICY moyai_admission_finds_rules ON ownerless_rules FOR SELECT TO moyai_admission USING (rule <> 'keep')`,
      'GRANT SELECT (tenant_id, segment, rule) ON ownerless_rules TO moyai_admission',

      `CREATE TABLE handovers (
         tenant_id uuid NOT NULL REFERENCES tenants (id),
         segment text NOT NULL CHECK (segment IN ('my_number', 'lgwan', 'internet')),
         id uuid NOT NULL,
         from_member uuid NOT NULL,
         to_member uuid NOT NULL,
         -- NULL: the city's rule
         decided_by uuid,
         reason text CHECK (length(reason) BETWEEN 1 AND 200),
         conversations integer NOT NULL DEFAULT 0 CHECK (conversations >= 0),
         batches integer NOT NULL DEFAULT 0 CHECK (batches >= 0),
         handed_at timestamptz NOT NULL,
         taken_back_at timestamptz,
         taken_back_by uuid,
         PRIMARY KEY (tenant_id, id),
         FOREIGN KEY (tenant_id, from_member) REFERENCES members (tenant_id, id),
         FOREIGN KEY (tenant_id, to_member) REFERENCES members (tenant_id, id),
         FOREIGN KEY (tenant_id, decided_by) REFERENCES members (tenant_id, id),
         FOREIGN KEY (tenant_id, taken_back_by) REFERENCES members (tenant_id, id),
         CHECK (from_member <> to_member),
         -- whoever hands over gets nothing of it: that would be a way to read
         CHECK (to_member IS DISTINCT FROM decided_by),
         CHECK ((decided_by IS NULL) = (reason IS NULL)),
         CHECK ((taken_back_at IS NULL) = (taken_back_by IS NULL))
       )`,
      'CREATE INDEX handovers_by_age ON handovers (tenant_id, handed_at DESC, id DESC)',
      // every open window asks what its member was given
      'CREATE INDEX handovers_by_receiver ON handovers (tenant_id, to_member, handed_at)',
      ...segmentPolicy('handovers'),
      'GRANT SELECT ON handovers TO moyai_app',
      ...['conversations', 'batches'].flatMap((table) => [
        // the last one that gave it to its owner
        `ALTER TABLE ${table} ADD handover_id uuid,
           ADD FOREIGN KEY (tenant_id, handover_id) REFERENCES handovers (tenant_id, id)`,
      ]),

      IS_PRESENT,
      ...executableBy('moyai_app', 'member_is_present(members, timestamptz)'),
      HAND_OVER,
      ...executableBy('moyai_app', 'hand_over(uuid, uuid, uuid, uuid, text, timestamptz)'),
      TAKE_BACK,
      ...executableBy('moyai_app', 'take_back(uuid, uuid, timestamptz)'),
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

/** City by city, because row-level security binds the owner too. Not earlier than the last change is all that is known. */
const KNOWN_DEPARTURES = `
DO $$ DECLARE v_tenant uuid; BEGIN
  FOR v_tenant IN SELECT id FROM tenants LOOP
    PERFORM set_config('app.tenant_id', v_tenant::text, true);
    UPDATE members SET left_at = updated_at WHERE tenant_id = v_tenant AND status = 'disabled';
  END LOOP;
  PERFORM set_config('app.tenant_id', '', true);
END $$`;

/** Whether a member can come in on the transaction's network at that time. */
const IS_PRESENT = `
CREATE FUNCTION member_is_present(p_member members, p_at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT p_member.status = 'active' AND p_member.segment = app_segment()
    AND (p_member.expires_on IS NULL OR p_member.expires_on::timestamp AT TIME ZONE 'Asia/Tokyo' > p_at)
$$`;

/**
 * All that somebody who has left owns on this network becomes another's who is there. SQLSTATE MH001: the one is there;
 * MH002: the other is not, or audits; MH003: there is nothing left.
 */
const HAND_OVER = `
CREATE FUNCTION hand_over(p_id uuid, p_from uuid, p_to uuid, p_by uuid, p_reason text, p_at timestamptz)
RETURNS TABLE (conversations integer, batches integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  v_tenant uuid := app_tenant_id();
  v_conversations integer;
  v_batches integer;
BEGIN
  -- nobody comes back, or leaves, while this is decided
  PERFORM FROM public.members m WHERE m.tenant_id = v_tenant AND m.id IN (p_from, p_to) ORDER BY m.id FOR SHARE;
  PERFORM public.demand(EXISTS (SELECT FROM public.members m WHERE m.tenant_id = v_tenant AND m.id = p_from
    AND NOT public.member_is_present(m, p_at)), 'MH001');
  PERFORM public.demand(EXISTS (SELECT FROM public.members m WHERE m.tenant_id = v_tenant AND m.id = p_to
    AND m.role <> 'auditor' AND public.member_is_present(m, p_at)), 'MH002');
  INSERT INTO public.handovers (tenant_id, segment, id, from_member, to_member, decided_by, reason, handed_at)
    VALUES (v_tenant, public.app_segment(), p_id, p_from, p_to, p_by, p_reason, p_at);
  UPDATE public.conversations c SET member_id = p_to, handover_id = p_id
    WHERE c.tenant_id = v_tenant AND c.member_id = p_from;
  GET DIAGNOSTICS v_conversations = ROW_COUNT;
  UPDATE public.batches b SET member_id = p_to, handover_id = p_id WHERE b.tenant_id = v_tenant AND b.actor_id = p_from;
  GET DIAGNOSTICS v_batches = ROW_COUNT;
  PERFORM public.demand(v_conversations + v_batches > 0, 'MH003');
  UPDATE public.handovers h SET conversations = v_conversations, batches = v_batches
    WHERE h.tenant_id = v_tenant AND h.id = p_id;
  RETURN QUERY SELECT v_conversations, v_batches;
END $$`;

/**
 * Undoes a handover within thirty days, but for what its new owner has gone on with: that has become theirs. SQLSTATE
 * MH004: it was taken back before, or too long ago.
 */
const TAKE_BACK = `
CREATE FUNCTION take_back(p_id uuid, p_by uuid, p_at timestamptz) RETURNS TABLE (conversations integer, batches integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  v_tenant uuid := app_tenant_id();
  v_from uuid;
  v_to uuid;
  v_conversations integer;
  v_batches integer;
BEGIN
  UPDATE public.handovers h SET taken_back_at = p_at, taken_back_by = p_by
    WHERE h.tenant_id = v_tenant AND h.id = p_id AND h.taken_back_at IS NULL AND h.handed_at > p_at - interval '30 days'
    RETURNING h.from_member, h.to_member INTO v_from, v_to;
  PERFORM public.demand(FOUND, 'MH004');
  UPDATE public.conversations c SET member_id = v_from, handover_id = NULL
    WHERE c.tenant_id = v_tenant AND c.member_id = v_to AND c.handover_id = p_id AND NOT EXISTS (
      SELECT FROM public.jobs j WHERE j.tenant_id = v_tenant AND j.conversation_id = c.id AND j.member_id = v_to);
  GET DIAGNOSTICS v_conversations = ROW_COUNT;
  UPDATE public.batches b SET member_id = v_from, handover_id = NULL
    WHERE b.tenant_id = v_tenant AND b.actor_id = v_to AND b.handover_id = p_id AND NOT EXISTS (
      SELECT FROM public.jobs j WHERE j.tenant_id = v_tenant AND j.batch_id = b.id AND j.member_id = v_to);
  GET DIAGNOSTICS v_batches = ROW_COUNT;
  RETURN QUERY SELECT v_conversations, v_batches;
END $$`;
