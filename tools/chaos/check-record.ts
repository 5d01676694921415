import { checkCalls, checkLostCalls } from './check-calls.ts';
import { type Check, figure, none, some } from './check.ts';
import type { ChaosHouse } from './house.ts';
import type { Observations } from './observations.ts';

interface JobRow {
  id: string;
  status: string;
  fence: number;
  bills: number;
  endings: number;
}

const JOBS = `
  SELECT j.id, j.status, j.fence,
    (SELECT count(*)::integer FROM usage_records u
     WHERE u.tenant_id = j.tenant_id AND u.subject_type = 'job' AND u.subject_id = j.id) AS bills,
    (SELECT count(*)::integer FROM audit_entries a WHERE a.tenant_id = j.tenant_id AND a.subject_id = j.id::text
       AND a.action IN ('job.completed', 'job.failed', 'job.cancelled')) AS endings
  FROM jobs j`;

const TERMINAL = new Set(['completed', 'failed', 'cancelled']);

/** The record in the database against what clients were promised and what the provider counted. */
export async function checkRecord(house: ChaosHouse, seen: Observations): Promise<Check[]> {
  const lostCalls = await checkLostCalls(house);
  const jobs = await house.sql<JobRow>(JOBS);
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const idsWhere = (applies: (job: JobRow) => boolean) => jobs.filter(applies).map(({ id }) => id);
  const states = Map.groupBy(jobs, ({ status }) => status);
  return [
    figure(
      'jobs in the record',
      `${jobs.length} (${[...states].map(([name, all]) => `${all.length} ${name}`).join(', ')})`,
    ),
    some('jobs accepted as the clients heard', seen.accepted.size),
    some('jobs completed', states.get('completed')?.length ?? 0),
    figure('executions per job, most', Math.max(0, ...jobs.map(({ fence }) => fence))),
    none(
      'accepted jobs lost',
      [...seen.accepted].filter((id) => !byId.has(id)),
    ),
    none(
      'jobs without an end',
      idsWhere(({ status }) => !TERMINAL.has(status)),
    ),
    none(
      'jobs with other than one ending in the audit trail',
      idsWhere(({ endings }) => endings !== 1),
    ),
    none(
      'completed jobs without a bill',
      idsWhere(({ status, bills }) => status === 'completed' && bills === 0),
    ),
    none(
      'idempotency keys with several jobs',
      [...seen.jobsOfKey].filter(([, ids]) => ids.size > 1).map(([key, ids]) => `${key}: ${[...ids].join(' ')}`),
    ),
    ...lostCalls,
    ...(await checkCalls(house)),
    ...(await checkBooks(house)),
  ];
}

/** Budgets and admission: counters that must say what the rows say. */
async function checkBooks(house: ChaosHouse): Promise<Check[]> {
  const found = async (statement: string) => (await house.sql<{ what: string }>(statement)).map(({ what }) => what);
  return [
    none(
      'budgets whose use is not the sum of the bills',
      await found(
        `SELECT format('%s %s: %s used, %s billed', b.tenant_id, b.month, b.used_tokens, s.tokens) AS what FROM budgets b
         CROSS JOIN LATERAL (
           SELECT coalesce(sum(input_tokens + output_tokens + cache_read_tokens + cache_write_tokens), 0) AS tokens
           FROM usage_records u WHERE u.tenant_id = b.tenant_id
             AND date_trunc('month', u.accepted_at AT TIME ZONE 'Asia/Tokyo')::date = b.month) s
         WHERE s.tokens <> b.used_tokens`,
      ),
    ),
    none(
      'limits of departments and members whose use is not the sum of the bills',
      await found(
        `SELECT format('%s %s %s: %s used, %s billed', a.level, a.holder_id, a.month, a.used_tokens, s.tokens) AS what
         FROM budget_allotments a
         CROSS JOIN LATERAL (
           SELECT coalesce(sum(input_tokens + output_tokens + cache_read_tokens + cache_write_tokens), 0) AS tokens
           FROM usage_records u WHERE u.tenant_id = a.tenant_id AND a.holder_id IN (u.department_id, u.member_id)
             AND date_trunc('month', u.accepted_at AT TIME ZONE 'Asia/Tokyo')::date = a.month) s
         WHERE s.tokens <> a.used_tokens`,
      ),
    ),
    none(
      'budgets and limits with something still reserved',
      await found(
        `SELECT format('%s: %s', tenant_id, reserved_tokens) AS what FROM budgets WHERE reserved_tokens <> 0
         UNION ALL
         SELECT format('%s %s: %s', level, holder_id, reserved_tokens) FROM budget_allotments WHERE reserved_tokens <> 0`,
      ),
    ),
    none(
      'reservations still held',
      await found(`SELECT subject_id::text AS what FROM reservations WHERE state = 'held'`),
    ),
    none('places in line left', await found('SELECT job_id::text AS what FROM admission_entries')),
    none(
      'cities with jobs counted as waiting or running',
      await found(
        `SELECT format('%s: %s waiting (%s tokens), %s running', tenant_id, waiting, waiting_tokens, running) AS what
         FROM admission_shares WHERE waiting <> 0 OR running <> 0 OR waiting_tokens <> 0`,
      ),
    ),
    none(
      'jobs the admission clock counts as running',
      await found('SELECT running::text AS what FROM admission_clock WHERE running <> 0'),
    ),
  ];
}
