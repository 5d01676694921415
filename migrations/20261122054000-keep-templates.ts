import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, executableBy, forwardOnly, segmentPolicy } from './owner.ts';

/**
 * Templates (docs/decisions/0041): a member's, a department's or the city's. No role holds the columns that say whose one
 * is; a member's goes to another by hand_over() and take_back(), like conversations and batches.
 */
export class KeepTemplates20261122054000 implements MigrationInterface {
  name = 'KeepTemplates20261122054000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE TABLE templates (
         tenant_id uuid NOT NULL REFERENCES tenants (id),
         segment text NOT NULL CHECK (segment IN ('my_number', 'lgwan', 'internet')),
         id uuid NOT NULL,
         -- both NULL: the whole city's
         member_id uuid,
         department_id uuid,
         title_sealed bytea NOT NULL,
         body_sealed bytea NOT NULL,
         note_sealed bytea,
         -- one more with each change: nobody overwrites what they have not seen
         version integer NOT NULL DEFAULT 1 CHECK (version > 0),
         created_at timestamptz NOT NULL,
         updated_at timestamptz NOT NULL,
         handover_id uuid,
         PRIMARY KEY (tenant_id, id),
         FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id),
         FOREIGN KEY (tenant_id, department_id) REFERENCES departments (tenant_id, id),
         FOREIGN KEY (tenant_id, handover_id) REFERENCES handovers (tenant_id, id),
         CHECK (num_nonnulls(member_id, department_id) < 2),
         CHECK (handover_id IS NULL OR member_id IS NOT NULL)
       )`,
      'CREATE INDEX templates_of_owner ON templates (tenant_id, member_id, department_id, created_at DESC, id DESC)',
      ...segmentPolicy('templates'),
      'GRANT SELECT, INSERT, DELETE ON templates TO moyai_app',
      'GRANT UPDATE (title_sealed, body_sealed, note_sealed, version, updated_at) ON templates TO moyai_app',

      'ALTER TABLE handovers ADD templates integer NOT NULL DEFAULT 0 CHECK (templates >= 0)',
      // what they return has grown
      'DROP FUNCTION hand_over(uuid, uuid, uuid, uuid, text, timestamptz)',
      'DROP FUNCTION take_back(uuid, uuid, timestamptz)',
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

/**
 * All that somebody who has left owns on this network becomes another's who is there. SQLSTATE MH001: the one is there;
 * MH002: the other is not, or audits; MH003: there is nothing left.
 */
const HAND_OVER = `
CREATE FUNCTION hand_over(p_id uuid, p_from uuid, p_to uuid, p_by uuid, p_reason text, p_at timestamptz)
RETURNS TABLE (conversations integer, batches integer, templates integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  v_tenant uuid := app_tenant_id();
  v_conversations integer;
  v_batches integer;
  v_templates integer;
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
  UPDATE public.templates t SET member_id = p_to, handover_id = p_id WHERE t.tenant_id = v_tenant AND t.member_id = p_from;
  GET DIAGNOSTICS v_templates = ROW_COUNT;
  PERFORM public.demand(v_conversations + v_batches + v_templates > 0, 'MH003');
  UPDATE public.handovers h SET conversations = v_conversations, batches = v_batches, templates = v_templates
    WHERE h.tenant_id = v_tenant AND h.id = p_id;
  RETURN QUERY SELECT v_conversations, v_batches, v_templates;
END $$`;

/**
 * Undoes a handover within thirty days, but for what its new owner has gone on with: that has become theirs. SQLSTATE
 * MH004: it was taken back before, or too long ago.
 */
const TAKE_BACK = `
CREATE FUNCTION take_back(p_id uuid, p_by uuid, p_at timestamptz)
RETURNS TABLE (conversations integer, batches integer, templates integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  v_tenant uuid := app_tenant_id();
  v_from uuid;
  v_to uuid;
  v_handed_at timestamptz;
  v_conversations integer;
  v_batches integer;
  v_templates integer;
BEGIN
  UPDATE public.handovers h SET taken_back_at = p_at, taken_back_by = p_by
    WHERE h.tenant_id = v_tenant AND h.id = p_id AND h.taken_back_at IS NULL AND h.handed_at > p_at - interval '30 days'
    RETURNING h.from_member, h.to_member, h.handed_at INTO v_from, v_to, v_handed_at;
  PERFORM public.demand(FOUND, 'MH004');
  UPDATE public.conversations c SET member_id = v_from, handover_id = NULL
    WHERE c.tenant_id = v_tenant AND c.member_id = v_to AND c.handover_id = p_id AND NOT EXISTS (
      SELECT FROM public.jobs j WHERE j.tenant_id = v_tenant AND j.conversation_id = c.id AND j.member_id = v_to);
  GET DIAGNOSTICS v_conversations = ROW_COUNT;
  UPDATE public.batches b SET member_id = v_from, handover_id = NULL
    WHERE b.tenant_id = v_tenant AND b.actor_id = v_to AND b.handover_id = p_id AND NOT EXISTS (
      SELECT FROM public.jobs j WHERE j.tenant_id = v_tenant AND j.batch_id = b.id AND j.member_id = v_to);
  GET DIAGNOSTICS v_batches = ROW_COUNT;
  UPDATE public.templates t SET member_id = v_from, handover_id = NULL
    WHERE t.tenant_id = v_tenant AND t.member_id = v_to AND t.handover_id = p_id AND t.updated_at <= v_handed_at;
  GET DIAGNOSTICS v_templates = ROW_COUNT;
  RETURN QUERY SELECT v_conversations, v_batches, v_templates;
END $$`;
