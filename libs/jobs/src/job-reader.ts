import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { ContentSeal, TenantDatabase, type TenantSeal, type TenantTransaction } from '#libs/database';
import { DomainError, type ErrorCode } from '#libs/kernel';
import type { MeteredUsage } from '#libs/metering';
import type { FinishReason } from '#libs/model-pool';
import { FairAdmission } from './admission/fair-admission.ts';
import { type JobView, type Requester, actorOf, jobSubject, requesterId } from './job.ts';
import type { JobStatus } from './job-state.ts';
import { USED_BY_JOB, type UsageColumns, usageOf } from './job-usage.ts';
import { StreamLinks } from './stream/stream-links.ts';

/** A job's row as its requester's stream needs it. */
export interface JobSnapshot {
  readonly id: string;
  readonly status: JobStatus;
  readonly model: string;
  readonly simulated: boolean | null;
  readonly fence: number;
  readonly workerAddress: string | null;
  readonly conversationId: string | null;
  readonly acceptedAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly text: string | null;
  readonly finishReason: FinishReason | null;
  readonly errorCode: ErrorCode | null;
  readonly usage: MeteredUsage | null;
}

/** By the ids themselves, beside the join, as a claim does (see RunRepository). */
const SELECT_JOBS = `
  SELECT j.id, j.actor_id AS "actorId", j.status, j.model, j.simulated, j.fence, j.worker_address AS "workerAddress",
    j.conversation_id AS "conversationId", j.accepted_at AS "acceptedAt", j.started_at AS "startedAt",
    j.finished_at AS "finishedAt", j.output_sealed AS "outputSealed", j.finish_reason AS "finishReason",
    j.error_code AS "errorCode", used.*
  FROM unnest($1::uuid[], $2::uuid[]) AS asked (id, actor_id) JOIN jobs j USING (id, actor_id) ${USED_BY_JOB}
  WHERE j.id = ANY ($1)`;

type JobRow = Omit<JobSnapshot, 'text' | 'usage'> & { actorId: string; outputSealed: Buffer | null } & UsageColumns;

/** Reads jobs for the one who asked for them: to everybody else, in the same city too, they do not exist. */
@Injectable()
export class JobReader {
  constructor(
    private readonly database: TenantDatabase,
    private readonly contentSeal: ContentSeal,
    private readonly admission: FairAdmission,
    private readonly audit: AuditTrail,
    private readonly links: StreamLinks,
  ) {}

  /**
   * The job as its row says.
   * @param recordRead whether this look is a reading of content that the audit trail must show
   * @throws DomainError REQUEST.NOT_FOUND, the same for a missing job and for somebody else's
   */
  async snapshot(requester: Requester, jobId: string, recordRead: boolean): Promise<JobSnapshot> {
    const { scope } = requester;
    const seal = await this.contentSeal.forTenant(scope);
    if (!recordRead)
      return this.database.together(
        scope,
        async (tx) => ({ result: await this.find(tx, requester, jobId, seal) }),
        'reads',
      );
    // A reading is on record only if there is something to read.
    return this.database.together(scope, async (tx) => ({
      result: await this.find(tx, requester, jobId, seal),
      audit: () => this.recordRead(tx, requester, jobId),
    }));
  }

  /** The whole view, for those who poll: with the place in line, or what there is of the answer so far. */
  async view(requester: Requester, jobId: string): Promise<JobView> {
    const snapshot = await this.snapshot(requester, jobId, true);
    const text = snapshot.text ?? (await this.partialText(requester, snapshot));
    const place =
      snapshot.status === 'queued' ? await this.admission.place(requester.scope.tenantId, jobId, snapshot.fence) : null;
    return {
      id: snapshot.id,
      kind: 'chat',
      status: snapshot.status,
      model: snapshot.model,
      simulated: snapshot.simulated,
      position: place?.ahead ?? 0,
      estimatedWaitMs: place ? place.waitMs : 0,
      conversationId: snapshot.conversationId,
      acceptedAt: snapshot.acceptedAt,
      startedAt: snapshot.startedAt,
      finishedAt: snapshot.finishedAt,
      output: text === null ? null : { text },
      finishReason: snapshot.finishReason,
      usage: snapshot.usage,
      errorCode: snapshot.errorCode,
    };
  }

  private async partialText(requester: Requester, { id, status, workerAddress }: JobSnapshot): Promise<string | null> {
    if (status !== 'running' || !workerAddress) return null;
    const seal = await this.contentSeal.forTenant(requester.scope);
    return (await this.links.peek(workerAddress, id, seal)) || null;
  }

  private recordRead(tx: TenantTransaction, requester: Requester, jobId: string): Promise<void> {
    return this.audit.append(tx, {
      action: 'job.read',
      actor: actorOf(requester),
      subject: jobSubject(jobId),
      segment: requester.scope.segment,
    });
  }

  private async find(
    tx: TenantTransaction,
    requester: Requester,
    jobId: string,
    seal: TenantSeal,
  ): Promise<JobSnapshot> {
    const asker = requesterId(requester);
    const rows = await tx.gather<JobRow>(SELECT_JOBS, [jobId, asker]);
    const row = rows.find(({ id, actorId }) => id === jobId && actorId === asker);
    if (!row) throw new DomainError('REQUEST.NOT_FOUND');
    const { outputSealed, ...rest } = row;
    return {
      ...rest,
      text: outputSealed && seal.open({ rowId: row.id, column: 'output' }, outputSealed),
      usage: usageOf(row),
    };
  }
}
