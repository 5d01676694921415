import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/**
 * A look at a reservation is planned alike whichever city asks first on a connection. With figures for each city, its whole
 * stock looked as short as a look-up to one that had next to nothing, and the plan then served a city with a million.
 */
export class PlanReservationsAlike20261122052100 implements MigrationInterface {
  name = 'PlanReservationsAlike20261122052100';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      'ALTER TABLE reservations ALTER tenant_id SET STATISTICS 0',
      // What was gathered before would stay. PostgreSQL forgets it when asked to from 18 on.
      `DO $$ BEGIN
         IF to_regprocedure('pg_clear_attribute_stats(text, text, text, boolean)') IS NOT NULL THEN
           PERFORM pg_clear_attribute_stats(current_schema()::text, 'reservations', 'tenant_id', false);
         END IF;
       END $$`,
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
