import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly, tenantPolicy } from './owner.ts';

/** What the vendor notes while it takes a city on, and what a city's own first steps are (docs/decisions/0029). */
export class OnboardCities20261122035200 implements MigrationInterface {
  name = 'OnboardCities20261122035200';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE TABLE city_onboardings (
         id uuid PRIMARY KEY,
         -- answers so far, as the API takes them; emptied when the city is registered, for it names a person
         draft jsonb NOT NULL CHECK (length(draft::text) <= 20000),
         -- the contract the city asked for: finance makes one of it
         wish jsonb,
         started_by uuid REFERENCES vendor_users (id),
         created_at timestamptz NOT NULL,
         updated_at timestamptz NOT NULL,
         -- the city that came of it
         city_id uuid UNIQUE REFERENCES tenants (id),
         CHECK (city_id IS NULL OR draft = '{}')
       )`,
      'GRANT SELECT, INSERT, DELETE ON city_onboardings TO moyai_ops',
      'GRANT UPDATE (draft, wish, updated_at, city_id) ON city_onboardings TO moyai_ops',
      'GRANT SELECT (wish, city_id) ON city_onboardings TO moyai_finance',
      // Whether a city has got going: how many administrators came, whether it has a purpose. Counts, no names.
      'GRANT SELECT (role) ON members TO moyai_ops',
      'CREATE POLICY moyai_ops_counts ON purposes FOR SELECT TO moyai_ops USING (true)',
      'GRANT SELECT (tenant_id, enabled) ON purposes TO moyai_ops',

      `CREATE TABLE first_steps (
         tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
         -- the city's administrators have seen enough of the list
         dismissed_by uuid NOT NULL,
         dismissed_at timestamptz NOT NULL,
         FOREIGN KEY (tenant_id, dismissed_by) REFERENCES members (tenant_id, id)
       )`,
      ...tenantPolicy('first_steps'),
      'GRANT SELECT, INSERT, DELETE ON first_steps TO moyai_app',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
