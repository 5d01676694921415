import type { MigrationInterface, QueryRunner } from 'typeorm';
import { acrossTenants, asOwner, forwardOnly, tenantPolicy } from './owner.ts';

/**
 * Fair admission between cities (design section 4, docs/decisions/0004). Jobs wait here and not in BullMQ.
 *
 * Writers never meet: accepting and finishing a job touch only that job's entry; the per-city shares and the clock are
 * written by admit() alone, which one caller at a time runs under an advisory lock. An accept therefore never waits for
 * another city's commit, and a city's share can never be counted twice.
 */
export class CreateAdmission20261121200600 implements MigrationInterface {
  name = 'CreateAdmission20261121200600';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE TABLE admission_entries (
         tenant_id uuid NOT NULL,
         job_id uuid NOT NULL,
         segment text NOT NULL,
         sequence bigint GENERATED ALWAYS AS IDENTITY,
         -- admit() alone moves the stage: arrived -> waiting -> running
         stage text NOT NULL DEFAULT 'arrived' CHECK (stage IN ('arrived', 'waiting', 'running')),
         -- tokens: estimated at acceptance; the difference to what was spent is charged when the job finishes
         cost_tokens bigint NOT NULL CHECK (cost_tokens > 0),
         spent_tokens bigint CHECK (spent_tokens >= 0),
         accepted_at timestamptz NOT NULL,
         admitted_at timestamptz,
         -- counts hand-overs to the queue; part of the queue's job id so that each is delivered
         deliveries integer NOT NULL DEFAULT 0,
         lease_expires_at timestamptz,
         -- the execution (jobs.fence) that the lease is for: a late worker must not renew another's
         lease_fence integer,
         -- here and not on the job, so that the worker's heartbeat, which sees queue columns only, learns of it
         cancel_requested_at timestamptz,
         finished_at timestamptz,
         PRIMARY KEY (tenant_id, job_id),
         FOREIGN KEY (tenant_id, job_id) REFERENCES jobs (tenant_id, id)
       ) WITH (autovacuum_vacuum_scale_factor = 0.02, fillfactor = 70)`,
      `CREATE INDEX admission_arrived ON admission_entries (sequence) WHERE stage = 'arrived'`,
      `CREATE INDEX admission_waiting ON admission_entries (tenant_id, sequence) WHERE stage = 'waiting'`,
      `CREATE INDEX admission_running ON admission_entries (admitted_at) WHERE stage = 'running'`,
      `CREATE INDEX admission_finished ON admission_entries (finished_at) WHERE finished_at IS NOT NULL`,
      ...tenantPolicy('admission_entries'),
      acrossTenants('admission_entries', 'moyai_admission'),
      'GRANT SELECT, INSERT ON admission_entries TO moyai_app',
      'GRANT UPDATE (spent_tokens, finished_at, lease_expires_at, lease_fence, cancel_requested_at) ON admission_entries TO moyai_app',
      'GRANT SELECT, UPDATE, DELETE ON admission_entries TO moyai_admission',

      `CREATE TABLE admission_shares (
         tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
         weight numeric(8, 3) NOT NULL DEFAULT 1 CHECK (weight > 0),
         -- tokens served divided by weight: who is furthest behind goes next
         virtual_time double precision NOT NULL DEFAULT 0,
         waiting integer NOT NULL DEFAULT 0,
         waiting_tokens bigint NOT NULL DEFAULT 0,
         running integer NOT NULL DEFAULT 0,
         running_limit integer CHECK (running_limit > 0)
       ) WITH (autovacuum_vacuum_scale_factor = 0.02, fillfactor = 70)`,
      'CREATE INDEX admission_shares_next ON admission_shares (virtual_time) WHERE waiting > 0',
      ...tenantPolicy('admission_shares'),
      acrossTenants('admission_shares', 'moyai_admission'),
      acrossTenants('admission_shares', 'moyai_ops'),
      'GRANT SELECT, INSERT, UPDATE ON admission_shares TO moyai_admission',
      'GRANT SELECT, INSERT ON admission_shares TO moyai_ops',
      'GRANT UPDATE (weight, running_limit) ON admission_shares TO moyai_ops',

      `CREATE TABLE admission_clock (
         one boolean PRIMARY KEY DEFAULT true CHECK (one),
         virtual_time double precision NOT NULL DEFAULT 0,
         running integer NOT NULL DEFAULT 0,
         -- jobs finished per second, exponentially weighted over 30 s: the basis of the waiting-time estimate
         finishes_per_second double precision NOT NULL DEFAULT 0,
         updated_at timestamptz NOT NULL DEFAULT now()
       )`,
      'INSERT INTO admission_clock DEFAULT VALUES',
      'GRANT SELECT, UPDATE ON admission_clock TO moyai_admission',
      ADMIT,
      POSITIONS,
      'REVOKE ALL ON FUNCTION admit(integer), admission_positions(uuid[]) FROM PUBLIC',
      'GRANT EXECUTE ON FUNCTION admit(integer), admission_positions(uuid[]) TO moyai_admission',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

/**
 * Start-time fair queueing with a virtual token counter per city. p_capacity: how many jobs the pool takes at once.
 * Returns the jobs admitted now, in order; the caller hands them to the queue.
 */
const ADMIT = `
CREATE FUNCTION admit(p_capacity integer)
RETURNS TABLE (tenant_id uuid, segment text, job_id uuid, delivery integer) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_clock admission_clock;
  v_share admission_shares;
  v_entry admission_entries;
  v_finished integer := 0;
  v_gone record;
  v_new record;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('moyai.admission'));
  SELECT * INTO v_clock FROM admission_clock;

  FOR v_gone IN
    WITH gone AS (DELETE FROM admission_entries WHERE finished_at IS NOT NULL RETURNING *)
    SELECT tenant_id,
           count(*) FILTER (WHERE stage = 'waiting')::integer AS waiting,
           coalesce(sum(cost_tokens) FILTER (WHERE stage = 'waiting'), 0)::bigint AS waiting_tokens,
           count(*) FILTER (WHERE stage = 'running')::integer AS running,
           coalesce(sum(coalesce(spent_tokens, 0) - cost_tokens) FILTER (WHERE stage = 'running'), 0)::bigint AS correction
    FROM gone GROUP BY tenant_id ORDER BY tenant_id
  LOOP
    UPDATE admission_shares s SET waiting = s.waiting - v_gone.waiting,
      waiting_tokens = s.waiting_tokens - v_gone.waiting_tokens, running = s.running - v_gone.running,
      virtual_time = s.virtual_time + v_gone.correction / s.weight
    WHERE s.tenant_id = v_gone.tenant_id;
    v_finished := v_finished + v_gone.running;
  END LOOP;
  v_clock.running := v_clock.running - v_finished;

  FOR v_new IN
    WITH arrived AS (UPDATE admission_entries SET stage = 'waiting' WHERE stage = 'arrived' RETURNING *)
    SELECT tenant_id, count(*)::integer AS jobs, sum(cost_tokens)::bigint AS tokens
    FROM arrived GROUP BY tenant_id ORDER BY tenant_id
  LOOP
    -- A city that was idle starts at the current minimum: no credit is banked while away.
    INSERT INTO admission_shares AS s (tenant_id, virtual_time, waiting, waiting_tokens)
      VALUES (v_new.tenant_id, v_clock.virtual_time, v_new.jobs, v_new.tokens)
    ON CONFLICT (tenant_id) DO UPDATE SET
      virtual_time = CASE WHEN s.waiting = 0 AND s.running = 0
                          THEN greatest(s.virtual_time, v_clock.virtual_time) ELSE s.virtual_time END,
      waiting = s.waiting + v_new.jobs, waiting_tokens = s.waiting_tokens + v_new.tokens;
  END LOOP;

  WHILE v_clock.running < p_capacity LOOP
    SELECT * INTO v_share FROM admission_shares s
      WHERE s.waiting > 0 AND (s.running_limit IS NULL OR s.running < s.running_limit)
      ORDER BY s.virtual_time LIMIT 1;
    EXIT WHEN NOT FOUND;
    UPDATE admission_entries e SET stage = 'running', admitted_at = clock_timestamp(), deliveries = e.deliveries + 1
      WHERE (e.tenant_id, e.job_id) = (
        SELECT w.tenant_id, w.job_id FROM admission_entries w
        WHERE w.tenant_id = v_share.tenant_id AND w.stage = 'waiting' ORDER BY w.sequence LIMIT 1)
      RETURNING * INTO v_entry;
    UPDATE admission_shares s SET waiting = s.waiting - 1, waiting_tokens = s.waiting_tokens - v_entry.cost_tokens,
      running = s.running + 1, virtual_time = s.virtual_time + v_entry.cost_tokens / s.weight
    WHERE s.tenant_id = v_share.tenant_id;
    v_clock.virtual_time := greatest(v_clock.virtual_time, v_share.virtual_time);
    v_clock.running := v_clock.running + 1;
    -- One that finished (was cancelled) between arriving and now is counted but not handed over; the next call removes it.
    IF v_entry.finished_at IS NULL THEN
      tenant_id := v_entry.tenant_id; segment := v_entry.segment; job_id := v_entry.job_id;
      delivery := v_entry.deliveries;
      RETURN NEXT;
    END IF;
  END LOOP;

  UPDATE admission_clock c SET virtual_time = v_clock.virtual_time, running = v_clock.running,
    finishes_per_second = c.finishes_per_second * exp(-extract(epoch FROM clock_timestamp() - c.updated_at) / 30)
                          + v_finished / 30.0,
    updated_at = clock_timestamp();
END $$`;

/**
 * For each waiting job: how many jobs go before it (0 = next), counting its own city's and, of other cities, those whose
 * virtual start lies before its own; and milliseconds until its turn at the present rate of finishing.
 */
const POSITIONS = `
CREATE FUNCTION admission_positions(p_job_ids uuid[])
RETURNS TABLE (job_id uuid, stage text, ahead integer, wait_ms bigint) LANGUAGE sql STABLE AS $$
  WITH mine AS (
    SELECT e.job_id, e.tenant_id, e.stage,
           own.jobs AS own_ahead,
           s.virtual_time + own.tokens / s.weight AS start
    FROM admission_entries e
    LEFT JOIN admission_shares s ON s.tenant_id = e.tenant_id
    CROSS JOIN LATERAL (
      SELECT count(*) AS jobs, coalesce(sum(w.cost_tokens), 0) AS tokens FROM admission_entries w
      WHERE w.tenant_id = e.tenant_id AND w.stage = 'waiting' AND w.sequence < e.sequence) own
    WHERE e.job_id = ANY (p_job_ids) AND e.finished_at IS NULL
  )
  SELECT m.job_id, m.stage,
    CASE WHEN m.stage = 'running' THEN 0 ELSE (m.own_ahead + coalesce(others.jobs, 0))::integer END,
    CASE WHEN m.stage = 'running' THEN 0
         WHEN c.finishes_per_second > 0.01
           THEN ((m.own_ahead + coalesce(others.jobs, 0) + 1) / c.finishes_per_second * 1000)::bigint
         ELSE NULL END
  FROM mine m CROSS JOIN admission_clock c
  LEFT JOIN LATERAL (
    SELECT sum(least(o.waiting, ceil((m.start - o.virtual_time) * o.weight * o.waiting / nullif(o.waiting_tokens, 0))))
           AS jobs
    FROM admission_shares o
    WHERE o.waiting > 0 AND o.tenant_id <> m.tenant_id AND o.virtual_time < m.start
  ) others ON m.stage <> 'running'
$$`;
