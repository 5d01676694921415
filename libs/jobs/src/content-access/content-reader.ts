import { Injectable } from '@nestjs/common';
import { ContentSeal, OpsDatabase, type TenantScope, type TenantSeal, refusedWith } from '#libs/database';
import { maskNumbers } from '#libs/guardrail';
import { Clock, DomainError, type ErrorCode } from '#libs/kernel';
import type { FinishReason } from '#libs/model-pool';
import type { ChatMessage } from '../job.ts';
import type { JobStatus } from '../job-state.ts';
import { openMessages } from '../run/prompt-composer.ts';
import { type ContentAccess, stateOf } from './content-access.ts';

/** A job in reach of an access, without a word of it. */
export interface JobInReach {
  readonly id: string;
  readonly conversationId: string | null;
  readonly status: JobStatus;
  readonly model: string;
  readonly errorCode: ErrorCode | null;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly acceptedAt: Date;
  readonly finishedAt: Date | null;
}

/** With its words; both are null after they were erased. 個人番号 are masked. */
export interface JobWords extends JobInReach {
  readonly messages: readonly ChatMessage[] | null;
  readonly answer: string | null;
  readonly finishReason: FinishReason | null;
}

interface SealedJob extends JobInReach {
  readonly finishReason: FinishReason | null;
  readonly inputSealed: Buffer | null;
  readonly outputSealed: Buffer | null;
}

/** SQLSTATE of content_access_hold(): under no living access. */
const NOT_OPEN = 'MA002';
const COLUMNS = `id, conversation_id AS "conversationId", status, model, error_code AS "errorCode",
  input_bytes AS "inputBytes", output_bytes AS "outputBytes", accepted_at AS "acceptedAt", finished_at AS "finishedAt"`;

/**
 * Reads a city's words for one of the vendor's people, under an access that lives. The role ops reaches them by two
 * functions alone, which look for that access and write the city's trail before they give anything (ADR 0030).
 */
@Injectable()
export class ContentReader {
  constructor(
    private readonly database: OpsDatabase,
    private readonly contentSeal: ContentSeal,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError REQUEST.NOT_FOUND, CONTENT_ACCESS.NOT_OPEN */
  async demandOpen(readerId: string, accessId: string): Promise<void> {
    await this.scopeOf(readerId, accessId);
  }

  /** Newest first. @throws DomainError REQUEST.NOT_FOUND, CONTENT_ACCESS.NOT_OPEN */
  async jobs(readerId: string, accessId: string, { before, limit }: { before: string | null; limit: number }) {
    const scope = await this.scopeOf(readerId, accessId);
    return this.ask<JobInReach>(scope, `SELECT ${COLUMNS} FROM content_access_jobs($1, $2, $3, $4)`, [
      accessId,
      readerId,
      before,
      limit,
    ]);
  }

  /**
   * One job, or all of one conversation in the order they were asked.
   * @throws DomainError REQUEST.NOT_FOUND, also for what is out of reach; CONTENT_ACCESS.NOT_OPEN
   */
  async read(
    readerId: string,
    accessId: string,
    what: { readonly jobId: string } | { readonly conversationId: string },
  ): Promise<JobWords[]> {
    const scope = await this.scopeOf(readerId, accessId);
    const seal = await this.contentSeal.forTenant(scope);
    const named = 'jobId' in what ? [null, what.jobId] : [what.conversationId, null];
    const jobs = await this.ask<SealedJob>(
      scope,
      `SELECT ${COLUMNS}, finish_reason AS "finishReason", input_sealed AS "inputSealed", output_sealed AS "outputSealed"
       FROM content_access_read($1, $2, $3, $4)`,
      [accessId, readerId, ...named],
    );
    if (jobs.length === 0) throw new DomainError('REQUEST.NOT_FOUND');
    return jobs.map((job) => openWords(seal, job));
  }

  /** @throws DomainError REQUEST.NOT_FOUND for a colleague's access too; CONTENT_ACCESS.NOT_OPEN */
  private async scopeOf(readerId: string, accessId: string): Promise<TenantScope> {
    const [access] = await this.database.query<
      TenantScope & Pick<ContentAccess, 'decision' | 'endsAt' | 'endedAt' | 'lapsesAt'>
    >(
      `SELECT tenant_id AS "tenantId", segment, decision, ends_at AS "endsAt", ended_at AS "endedAt",
         lapses_at AS "lapsesAt" FROM content_accesses WHERE id = $1 AND asked_by = $2`,
      [accessId, readerId],
    );
    if (!access) throw new DomainError('REQUEST.NOT_FOUND');
    if (stateOf(access, this.clock.now()) !== 'approved') throw new DomainError('CONTENT_ACCESS.NOT_OPEN');
    return { tenantId: access.tenantId, segment: access.segment };
  }

  private async ask<Row>({ tenantId, segment }: TenantScope, sql: string, parameters: unknown[]): Promise<Row[]> {
    try {
      return await this.database.run(async (tx) => {
        await tx.actOn(tenantId, segment);
        return tx.query<Row>(sql, parameters);
      });
    } catch (error) {
      if (refusedWith(error, NOT_OPEN)) throw new DomainError('CONTENT_ACCESS.NOT_OPEN');
      throw error;
    }
  }
}

function openWords(seal: TenantSeal, { inputSealed, outputSealed, ...job }: SealedJob): JobWords {
  const masked = ({ role, content }: ChatMessage): ChatMessage => ({ role, content: maskNumbers(content) });
  return {
    ...job,
    messages: inputSealed && openMessages(seal, job.id, inputSealed).map(masked),
    answer: outputSealed && maskNumbers(seal.open({ rowId: job.id, column: 'output' }, outputSealed)),
  };
}
