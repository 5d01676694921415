import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/** A day of the pool's course, for the vendor's charts: a row for each deployment and each lane every few seconds. */
export class SampleThePool20261121230110 implements MigrationInterface {
  name = 'SampleThePool20261121230110';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE TABLE pool_samples (
         -- the start of a span of the database's clock, so that several workers write one row and not several
         sampled_at timestamptz NOT NULL,
         deployment_id text NOT NULL,
         position integer NOT NULL,
         running integer NOT NULL,
         -- part of what is granted
         used double precision NOT NULL CHECK (used >= 0),
         admitted_total bigint NOT NULL,
         throttled_total bigint NOT NULL,
         failed_total bigint NOT NULL,
         quota_tokens_total bigint NOT NULL,
         PRIMARY KEY (sampled_at, deployment_id)
       )`,
      `CREATE TABLE lane_samples (
         sampled_at timestamptz NOT NULL,
         lane text NOT NULL,
         waiting integer NOT NULL,
         oldest_accepted_at timestamptz,
         PRIMARY KEY (sampled_at, lane)
       )`,
      'GRANT SELECT, INSERT, DELETE ON pool_samples, lane_samples TO moyai_admission',
      'GRANT SELECT ON pool_samples, lane_samples TO moyai_ops',
      'GRANT EXECUTE ON FUNCTION pool_room(timestamptz) TO moyai_ops',
      // How long a city's oldest job has waited; neither which job nor whose.
      'CREATE POLICY moyai_ops_across_tenants ON admission_entries FOR SELECT TO moyai_ops USING (true)',
      'GRANT SELECT (tenant_id, stage, accepted_at) ON admission_entries TO moyai_ops',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
