import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, executableBy, forwardOnly } from './owner.ts';

/**
 * A job that has left the pool while nobody waits asks for no admission, and now does not wait for those of others to learn
 * that nobody does: it looks before it takes the lock, and once more when it has it.
 *
 * No room is lost by looking early. Whoever needs it has arrived, visible to all, before asking for an admission of its own:
 * that one either began after this job's end was committed, and counts it, or it began before, and then the look finds the
 * arrival. Both kinds of waiting are looked for in one snapshot, so that a job that is being put in line is seen as either.
 */
export class GiveBackWithoutTheLock20261122058700 implements MigrationInterface {
  name = 'GiveBackWithoutTheLock20261122058700';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [AWAITED, ...executableBy('moyai_admission', 'admission_awaited()'), REWRITE]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

const AWAITED = `
CREATE FUNCTION admission_awaited() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM admission_routes WHERE waiting > 0)
      OR EXISTS (SELECT FROM admission_entries WHERE stage = 'arrived')
$$`;

const LOCK = `  PERFORM pg_advisory_xact_lock(hashtext('moyai.admission'));
  IF p_only_if_waiting AND NOT EXISTS (SELECT FROM admission_routes WHERE waiting > 0)
     AND NOT EXISTS (SELECT FROM admission_entries WHERE stage = 'arrived') THEN
    RETURN;
  END IF;
`;

const LOOK = `  IF p_only_if_waiting AND NOT admission_awaited() THEN RETURN; END IF;
`;

const LOOK_AND_LOCK = `${LOOK}  PERFORM pg_advisory_xact_lock(hashtext('moyai.admission'));
${LOOK}`;

/** Whatever else has been changed in admit() stays. */
const REWRITE = `
DO $rewrite$
DECLARE
  v_function text := pg_get_functiondef('admit(boolean)'::regprocedure);
BEGIN
  IF position($from$${LOCK}$from$ IN v_function) = 0 THEN RAISE EXCEPTION 'admit() takes its lock in another way'; END IF;
  EXECUTE replace(v_function, $from$${LOCK}$from$, $to$${LOOK_AND_LOCK}$to$);
END $rewrite$`;
