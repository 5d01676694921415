import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/**
 * admit() goes in rounds of 32 instead of 16: what a round costs before its first job is a third of it. And of a city that
 * is the k-th in line it reads no more jobs than the round can take of it, which is all but k - 1: each city before it has
 * one that goes first. So larger rounds read no more rows a job than the smaller ones did.
 *
 * Written as these four places of the function, so that whatever else has been changed in it stays.
 */
export class AdmitInLargerRounds20261122058000 implements MigrationInterface {
  name = 'AdmitInLargerRounds20261122058000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [REWRITE]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

const PLACES: readonly (readonly [from: string, to: string])[] = [
  ['c_round constant integer := 16', 'c_round constant integer := 32'],
  [
    'SELECT q.tenant_id, q.virtual_time',
    'SELECT row_number() OVER (ORDER BY q.rank, q.virtual_time) AS turn, q.tenant_id, q.virtual_time',
  ],
  ['ORDER BY m.virtual_time LIMIT v_limit)', 'ORDER BY m.virtual_time LIMIT v_limit + 1 - city.turn)'],
  ['ORDER BY w.sequence LIMIT v_limit)', 'ORDER BY w.sequence LIMIT v_limit + 1 - city.turn)'],
];

const REWRITE = `
DO $rewrite$
DECLARE
  v_function text := pg_get_functiondef('admit(boolean)'::regprocedure);
  v_from text;
  v_to text;
BEGIN
  FOR v_from, v_to IN VALUES ${PLACES.map(([from, to]) => `('${from}', '${to}')`).join(', ')} LOOP
    IF position(v_from IN v_function) = 0 THEN RAISE EXCEPTION 'admit() has no "%"', v_from; END IF;
    v_function := replace(v_function, v_from, v_to);
  END LOOP;
  EXECUTE v_function;
END $rewrite$`;
