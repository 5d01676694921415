import { Injectable } from '@nestjs/common';
import { AdmissionDatabase } from '#libs/database';
import { Rounds } from '#libs/kernel';
import type { Segment, TenantId } from '#libs/kernel';
import { type InvocationLog, InvocationLogs, type TokenUsage } from '#libs/model-pool';
import { Log } from '#libs/observability';
import { LostCalls, type Verdict } from './lost-calls.ts';

const INTERVAL_MS = 1_000;
const BATCH = 100;
/** By how much the clocks of worker and provider may differ, and then some. */
const CLOCKS_APART_MS = 2 * 3_600_000;

interface DueCall {
  readonly tenantId: TenantId;
  readonly segment: Segment;
  readonly callId: string;
  readonly deploymentId: string;
  /** No call of the job was made before. */
  readonly startedAt: Date;
  /** Lost for so long that it would be on record by now. */
  readonly overdue: boolean;
}

/**
 * Takes the next look at calls that are due for one: at once, then less and less often, up to every half minute. Several
 * workers share them out; the instants are the database's, the only clock all share.
 */
const TAKE_DUE = `
  UPDATE lost_calls c
  SET looks = c.looks + 1, look_at = clock_timestamp() + make_interval(secs => least(30, 0.5 * 2 ^ least(c.looks, 10)))
  FROM (
    SELECT tenant_id, id FROM lost_calls WHERE resolved_at IS NULL AND look_at <= clock_timestamp()
    ORDER BY look_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED) due
  WHERE c.tenant_id = due.tenant_id AND c.id = due.id
  RETURNING c.tenant_id AS "tenantId", c.segment, c.call_id AS "callId", c.deployment_id AS "deploymentId",
    coalesce(c.started_at, c.lost_at) AS "startedAt", c.lost_at + make_interval(secs => $1 / 1000.0) <= clock_timestamp() AS overdue`;

/** Finds out what lost calls used, in the logs of their providers, and has them billed. */
@Injectable()
export class LostCallReconciler {
  private readonly rounds = new Rounds();

  constructor(
    private readonly database: AdmissionDatabase,
    private readonly logs: InvocationLogs,
    private readonly calls: LostCalls,
    private readonly log: Log,
  ) {}

  /** @param horizonMs after which a call that is in no log is taken not to have reached the model */
  start(horizonMs: number): void {
    this.rounds.start(INTERVAL_MS, () =>
      this.reconcile(horizonMs).catch((error: unknown) => this.log.warn('lost-calls.round-failed', { error })),
    );
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  async reconcile(horizonMs: number): Promise<void> {
    const due = await this.database.query<DueCall>(TAKE_DUE, [horizonMs]);
    const ofDeployments = Map.groupBy(due, ({ deploymentId }) => deploymentId);
    await Promise.all(
      [...ofDeployments].map(async ([deploymentId, calls]) => {
        try {
          await this.resolve(deploymentId, calls);
        } catch (error) {
          // They stay open, however long it takes: that a log cannot be read does not mean that nothing is owed.
          this.log.warn('lost-calls.not-looked-up', { error, deploymentId, calls: calls.length });
        }
      }),
    );
  }

  private async resolve(deploymentId: string, calls: readonly DueCall[]): Promise<void> {
    const log = this.logs.of(deploymentId);
    const since = new Date(Math.min(...calls.map(({ startedAt }) => startedAt.getTime())) - CLOCKS_APART_MS);
    const ids = calls.map(({ callId }) => callId);
    const logged = log ? await log.find(ids, since) : new Map<string, TokenUsage>();
    for (const call of calls) {
      const verdict = verdictOn(call, log, logged.get(call.callId));
      if (verdict) await this.calls.resolve(call, call.callId, verdict);
    }
  }
}

function verdictOn(
  { overdue }: DueCall,
  log: InvocationLog | null | undefined,
  usage: TokenUsage | undefined,
): Verdict | undefined {
  if (usage) return { outcome: 'billed', usage };
  if (log === null) return { outcome: 'estimated' };
  if (!overdue) return undefined;
  // Another worker may have known the deployment; by now it is clear that none does.
  return { outcome: log ? 'nothing owed' : 'estimated' };
}
