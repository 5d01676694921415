import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/**
 * Every accepted job asks whether its city is covered. Few openings have not ended, but all that ever covered the city were
 * looked at for that, or all there ever were: it begins with those that have not ended, by an index of their own (`OFFSET 0`
 * keeps the planner to that order).
 */
export class FindOpenOpenings20261124050000 implements MigrationInterface {
  name = 'FindOpenOpenings20261124050000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      'CREATE INDEX urgent_openings_not_closed ON urgent_openings (ends_at) WHERE closed_at IS NULL',
      `CREATE OR REPLACE FUNCTION admission_lane(p_tenant uuid, p_wanted text) RETURNS text LANGUAGE sql STABLE AS $$
         SELECT CASE WHEN p_wanted = 'interactive' AND EXISTS (
           SELECT FROM urgent_openings o CROSS JOIN LATERAL (
             SELECT FROM urgent_opening_cities c WHERE c.city_id = p_tenant AND c.opening_id = o.id OFFSET 0) AS covered
           WHERE o.closed_at IS NULL AND o.ends_at > now())
         THEN 'urgent' ELSE p_wanted END $$`,
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
