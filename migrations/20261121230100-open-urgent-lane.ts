import type { MigrationInterface, QueryRunner } from 'typeorm';
import { acrossTenants, asOwner, forwardOnly } from './owner.ts';

const seenByEveryCity = (table: string): string[] => [
  `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
  `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`,
  `CREATE POLICY seen_by_every_city ON ${table} FOR SELECT TO moyai_app USING (true)`,
  `COMMENT ON POLICY seen_by_every_city ON ${table} IS
     'On purpose not walled by tenant: whoever waits longer because another city goes first may see who, why and until when'`,
  acrossTenants(table, 'moyai_ops'),
];

/**
 * The urgent lane (docs/decisions/0014): while an opening covers a city, what its people ask goes before everybody
 * else's. An opening is an announcement by the vendor, no city's own row.
 */
export class OpenUrgentLane20261121230100 implements MigrationInterface {
  name = 'OpenUrgentLane20261121230100';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE TABLE urgent_openings (
         id uuid PRIMARY KEY,
         reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 200),
         opened_by uuid NOT NULL REFERENCES vendor_users (id),
         opened_at timestamptz NOT NULL DEFAULT now(),
         -- nobody has to remember to close it
         ends_at timestamptz NOT NULL,
         closed_at timestamptz,
         closed_by uuid REFERENCES vendor_users (id),
         CONSTRAINT urgent_openings_end CHECK (ends_at > opened_at AND ends_at <= opened_at + interval '72 hours'),
         CHECK ((closed_at IS NULL) = (closed_by IS NULL))
       )`,
      ...seenByEveryCity('urgent_openings'),
      'GRANT SELECT (id, reason, opened_at, ends_at, closed_at) ON urgent_openings TO moyai_app',
      'GRANT SELECT, INSERT ON urgent_openings TO moyai_ops',
      'GRANT UPDATE (closed_at, closed_by) ON urgent_openings TO moyai_ops',

      `CREATE TABLE urgent_opening_cities (
         opening_id uuid NOT NULL REFERENCES urgent_openings (id),
         city_id uuid NOT NULL REFERENCES tenants (id),
         -- as announced: the other cities, which cannot read its row of tenants, read it here
         city_name text NOT NULL,
         -- the city first: every accepted job asks whether its own is covered
         PRIMARY KEY (city_id, opening_id)
       )`,
      'CREATE INDEX urgent_opening_cities_of_opening ON urgent_opening_cities (opening_id)',
      ...seenByEveryCity('urgent_opening_cities'),
      'GRANT SELECT ON urgent_opening_cities TO moyai_app',
      'GRANT SELECT, INSERT ON urgent_opening_cities TO moyai_ops',

      // Asked within the statement that puts a job in line, as the role app: batches never become urgent.
      `CREATE OR REPLACE FUNCTION admission_lane(p_tenant uuid, p_wanted text) RETURNS text LANGUAGE sql STABLE AS $$
         SELECT CASE WHEN p_wanted = 'interactive' AND EXISTS (
           SELECT FROM urgent_opening_cities c JOIN urgent_openings o ON o.id = c.opening_id
           WHERE c.city_id = p_tenant AND o.closed_at IS NULL AND o.ends_at > now())
         THEN 'urgent' ELSE p_wanted END $$`,
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
