import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/** The list of an invoice's calls adds up only with what was corrected: how much of which call, not who said what about it. */
export class ShowCitiesTheirCorrections20261122048200 implements MigrationInterface {
  name = 'ShowCitiesTheirCorrections20261122048200';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `GRANT SELECT (tenant_id, id, usage_record_id, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
         input_characters, output_characters, billing_month) ON usage_corrections TO moyai_app`,
      // What nobody has approved is the vendor's draft.
      `CREATE POLICY billed_to_the_city ON usage_corrections AS RESTRICTIVE FOR SELECT TO moyai_app
         USING (billing_month IS NOT NULL)`,
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
