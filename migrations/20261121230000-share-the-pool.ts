import type { MigrationInterface, QueryRunner } from 'typeorm';
import { acrossTenants, asOwner, forwardOnly, tenantPolicy } from './owner.ts';

/**
 * The model pool's state and the lines that admission chooses from (docs/decisions/0010).
 *
 * Only admit() and the pool_* functions write here, one caller at a time, so that who goes next and what the provider can
 * still take are one decision and every process sees the same pool.
 */
export class ShareThePool20261121230000 implements MigrationInterface {
  name = 'ShareThePool20261121230000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [...POOL, ...ENTRIES, ...LINES, ...CLOCK]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

const POOL = [
  `CREATE TABLE pool_deployments (
     id text PRIMARY KEY,
     position integer NOT NULL,
     model text NOT NULL,
     segments text[] NOT NULL,
     provider text NOT NULL,
     region text NOT NULL,
     simulated boolean NOT NULL,
     -- granted; without a figure the provider sets no such quota
     concurrency integer NOT NULL CHECK (concurrency > 0),
     requests_per_minute double precision CHECK (requests_per_minute > 0),
     tokens_per_minute double precision CHECK (tokens_per_minute > 0),
     -- quota tokens that one generated token burns
     output_burn_down double precision NOT NULL CHECK (output_burn_down >= 1),
     retired_at timestamptz,
     -- in use; the buckets hold a minute's quota at most, and tokens may be owed (an answer burns more than was held)
     running integer NOT NULL DEFAULT 0,
     requests_left double precision,
     tokens_left double precision,
     refilled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     -- learned: the part of maxTokens that answers really use
     output_share double precision NOT NULL DEFAULT 0.5 CHECK (output_share BETWEEN 0 AND 1),
     -- the pace at which the provider last throttled us, see pool_pace()
     throttle_level double precision NOT NULL DEFAULT 1,
     throttled_at timestamptz,
     -- the circuit breaker: failures in a row, and until when nothing is sent
     failures integer NOT NULL DEFAULT 0,
     open_until timestamptz,
     admitted_total bigint NOT NULL DEFAULT 0,
     throttled_total bigint NOT NULL DEFAULT 0,
     failed_total bigint NOT NULL DEFAULT 0,
     quota_tokens_total bigint NOT NULL DEFAULT 0
   ) WITH (fillfactor = 50)`,
  'GRANT SELECT, INSERT, UPDATE ON pool_deployments TO moyai_admission',
  'GRANT SELECT ON pool_deployments TO moyai_ops',
];

const ENTRIES = [
  // The owner obeys row-level security too; what is in line already must be seen for a moment.
  'ALTER TABLE jobs NO FORCE ROW LEVEL SECURITY',
  'ALTER TABLE admission_entries NO FORCE ROW LEVEL SECURITY',
  `ALTER TABLE admission_entries
     ADD lane text NOT NULL DEFAULT 'interactive' CHECK (lane IN ('urgent', 'interactive', 'batch')),
     -- segment/model: what decides which deployments can serve the job
     ADD route text,
     -- the member or API key whose own line it is within the city
     ADD actor_id uuid,
     ADD input_tokens integer CHECK (input_tokens >= 0),
     ADD max_tokens integer CHECK (max_tokens > 0),
     -- chosen by admit(), with what it took of that deployment's tokens per minute
     ADD deployment_id text,
     ADD quota_tokens double precision,
     -- told by the worker: what the call really burned, and whether the deployment answered
     ADD burned_tokens bigint CHECK (burned_tokens >= 0),
     ADD served boolean,
     -- the worker gives the job back to the line
     ADD returned_at timestamptz`,
  `UPDATE admission_entries e SET route = e.segment || '/' || j.model, actor_id = j.actor_id, input_tokens = 0,
     max_tokens = j.max_tokens, stage = CASE e.stage WHEN 'waiting' THEN 'arrived' ELSE e.stage END
   FROM jobs j WHERE j.tenant_id = e.tenant_id AND j.id = e.job_id`,
  `ALTER TABLE admission_entries ALTER route SET NOT NULL, ALTER actor_id SET NOT NULL,
     ALTER input_tokens SET NOT NULL, ALTER max_tokens SET NOT NULL, ALTER lane DROP DEFAULT`,
  'ALTER TABLE jobs FORCE ROW LEVEL SECURITY',
  'ALTER TABLE admission_entries FORCE ROW LEVEL SECURITY',
  'DROP INDEX admission_arrived, admission_waiting',
  // A batch of thousands must not hold up the single question that arrived after it.
  `CREATE INDEX admission_arrived ON admission_entries ((lane = 'batch'), sequence) WHERE stage = 'arrived'`,
  `CREATE INDEX admission_waiting ON admission_entries (tenant_id, lane, route, actor_id, sequence) WHERE stage = 'waiting'`,
  'CREATE INDEX admission_returned ON admission_entries (returned_at) WHERE returned_at IS NOT NULL',
  'GRANT UPDATE (burned_tokens, served, returned_at) ON admission_entries TO moyai_app',
];

const LINES = [
  'ALTER TABLE admission_shares ADD running_floor integer CHECK (running_floor > 0)',
  'DROP INDEX admission_shares_next',
  'UPDATE admission_shares SET waiting = 0, waiting_tokens = 0',
  'GRANT UPDATE (running_floor) ON admission_shares TO moyai_ops',
  // No foreign keys here: they would be checked again with every admission, and admit() makes these rows from entries.
  `CREATE TABLE admission_queues (
     tenant_id uuid NOT NULL,
     lane text NOT NULL,
     route text NOT NULL,
     waiting integer NOT NULL DEFAULT 0,
     waiting_tokens bigint NOT NULL DEFAULT 0,
     -- of the city's share, so that one index finds the next city: 0 below its floor, 1 otherwise; at its limit; its virtual time
     rank smallint NOT NULL DEFAULT 1,
     at_limit boolean NOT NULL DEFAULT false,
     virtual_time double precision NOT NULL DEFAULT 0,
     -- virtual time among the city's own members
     member_time double precision NOT NULL DEFAULT 0,
     PRIMARY KEY (tenant_id, lane, route)
   ) WITH (autovacuum_vacuum_scale_factor = 0.02, fillfactor = 70)`,
  `CREATE INDEX admission_queues_next ON admission_queues (lane, route, rank, virtual_time)
     WHERE waiting > 0 AND NOT at_limit`,
  ...tenantPolicy('admission_queues'),
  acrossTenants('admission_queues', 'moyai_admission'),
  'CREATE POLICY moyai_ops_across_tenants ON admission_queues FOR SELECT TO moyai_ops USING (true)',
  'GRANT SELECT, INSERT, UPDATE ON admission_queues TO moyai_admission',
  'GRANT SELECT ON admission_queues TO moyai_ops',

  `CREATE TABLE admission_lines (
     tenant_id uuid NOT NULL,
     lane text NOT NULL,
     route text NOT NULL,
     actor_id uuid NOT NULL,
     waiting integer NOT NULL DEFAULT 0,
     waiting_tokens bigint NOT NULL DEFAULT 0,
     -- tokens served to this member in this queue
     virtual_time double precision NOT NULL DEFAULT 0,
     PRIMARY KEY (tenant_id, lane, route, actor_id)
   ) WITH (autovacuum_vacuum_scale_factor = 0.02, fillfactor = 70)`,
  'CREATE INDEX admission_lines_next ON admission_lines (tenant_id, lane, route, virtual_time) WHERE waiting > 0',
  ...tenantPolicy('admission_lines'),
  acrossTenants('admission_lines', 'moyai_admission'),
  'GRANT SELECT, INSERT, UPDATE, DELETE ON admission_lines TO moyai_admission',
];

const CLOCK = [
  `CREATE TABLE admission_lanes (
     lane text PRIMARY KEY,
     -- part of the tokens a lane gets while others wait too; urgent goes before all
     share double precision,
     virtual_time double precision NOT NULL DEFAULT 0
   )`,
  `INSERT INTO admission_lanes (lane, share) VALUES ('urgent', NULL), ('interactive', 0.9), ('batch', 0.1)`,
  'GRANT SELECT, UPDATE ON admission_lanes TO moyai_admission',
  `CREATE TABLE admission_routes (
     lane text NOT NULL,
     route text NOT NULL,
     waiting integer NOT NULL,
     PRIMARY KEY (lane, route)
   )`,
  'GRANT SELECT, INSERT, UPDATE ON admission_routes TO moyai_admission',
  `ALTER TABLE admission_clock
     ADD admitted_total bigint NOT NULL DEFAULT 0,
     -- tokens admitted, and seconds passed, while somebody was left waiting; both decay over 30 s. Their quotient is the
     -- rate at which a line moves, which idle times say nothing about.
     ADD busy_tokens double precision NOT NULL DEFAULT 0,
     ADD busy_seconds double precision NOT NULL DEFAULT 0,
     ADD busy boolean NOT NULL DEFAULT false,
     DROP finishes_per_second`,
  'GRANT SELECT ON admission_lanes, admission_routes, admission_clock TO moyai_ops',
];
