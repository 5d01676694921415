import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/** Lets a reservation be handed over in the statement that writes down what for, so that both happen once or not at all. */
export class HandReservationsOver20261121230210 implements MigrationInterface {
  name = 'HandReservationsOver20261121230210';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      // The tokens handed over; NULL when the first subject holds none.
      `CREATE FUNCTION budget_hand_over(p_from_type text, p_from_id uuid, p_to_type text, p_to_id uuid) RETURNS bigint
       LANGUAGE sql AS $$
         UPDATE reservations SET subject_type = p_to_type, subject_id = p_to_id
         WHERE tenant_id = app_tenant_id() AND subject_type = p_from_type AND subject_id = p_from_id AND state = 'held'
         RETURNING tokens
       $$`,
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
