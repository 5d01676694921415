import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import {
  ContentSeal,
  type SharedWork,
  TenantDatabase,
  type TenantSeal,
  type TenantTransaction,
  UNIQUE_VIOLATION,
  refusedWith,
} from '#libs/database';
import { guardPrompt, guardPurpose } from '#libs/guardrail';
import { Clock, Deadline, DomainError, newId } from '#libs/kernel';
import { BudgetKeeper } from '#libs/metering';
import { ModelPool, type ModelRoute, SharedPool, estimateInputTokens, worstCaseInputTokens } from '#libs/model-pool';
import { PurposeDirectory } from '#libs/tenancy';
import { FairAdmission } from '../admission/fair-admission.ts';
import { ConversationShelf } from '../conversations/conversation-shelf.ts';
import { JobCanceller } from '../job-canceller.ts';
import type { JobStatus } from '../job-state.ts';
import { type ChatRequest, type Requester, actorOf, jobSubject } from '../job.ts';
import { inputOf } from '../run/prompt-composer.ts';
import { type AcceptedJob, IntakeRepository } from './intake-repository.ts';
import { demandQuestion } from './question.ts';
import { boundedMaxTokens, demandFit } from './token-limits.ts';
import { demandTrialGoesOn } from './trial.ts';

/** Of the two seconds in which everybody is answered; the rest is for knowing who asks and for the way. */
const ACCEPT_WITHIN_MS = 1_000;

export interface AcceptedReceipt {
  readonly id: string;
  readonly conversationId: string | null;
  readonly model: string;
  readonly status: JobStatus;
  /** Whether the request had been accepted before, under the same key. */
  readonly isRepeat: boolean;
}

export interface AcceptOptions {
  readonly idempotencyKey?: string | undefined;
  /**
   * The answer goes out with the same request: that it is read is put on record together with a job that is new. Without a
   * key nobody can come back to it.
   */
  readonly readAtOnce?: boolean;
}

interface Draft {
  readonly requester: Requester;
  readonly request: ChatRequest;
  readonly route: ModelRoute;
  readonly maxTokens: number;
  readonly seal: TenantSeal;
  readonly idempotency: { readonly key: string; readonly fingerprint: Buffer } | null;
  readonly readAtOnce: boolean;
  readonly deadline: Deadline;
}

/**
 * The way in: number guard, purpose gate, budget, job row and audit, all before the 202 and all or nothing.
 * What is refused leaves an audit record that says why, and no trace of the words.
 */
@Injectable()
export class JobIntake {
  constructor(
    private readonly database: TenantDatabase,
    private readonly contentSeal: ContentSeal,
    private readonly pool: ModelPool,
    private readonly sharedPool: SharedPool,
    private readonly purposes: PurposeDirectory,
    private readonly budget: BudgetKeeper,
    private readonly conversations: ConversationShelf,
    private readonly repository: IntakeRepository,
    private readonly admission: FairAdmission,
    private readonly canceller: JobCanceller,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /**
   * Accepts a job, or answers with the one accepted before under the same idempotency key. Takes two seconds at most with
   * what comes before and after it: whoever is refused for want of time may send again under the same key.
   * @throws DomainError TENANCY.TRIAL_ENDED, REQUEST.INVALID (nothing is asked), GUARD.*, METERING.BUDGET_EXHAUSTED, JOBS.MODEL_UNKNOWN,
   *   TENANCY.MODEL_NOT_ALLOWED, JOBS.MAX_TOKENS_TOO_LARGE,
   *   JOBS.TOO_LARGE_FOR_MODEL, MODEL.NO_HEALTHY_DEPLOYMENT, REQUEST.NOT_FOUND (the conversation; the answer, erased since), REQUEST.IDEMPOTENCY_MISMATCH, SYSTEM.UNAVAILABLE (not done in time)
   */
  async accept(requester: Requester, request: ChatRequest, options: AcceptOptions = {}): Promise<AcceptedReceipt> {
    const deadline = new Deadline(ACCEPT_WITHIN_MS);
    const taken = this.take(requester, request, options, deadline);
    try {
      const accepted = await deadline.orRefuse(taken);
      // The row is safe; how soon it runs is no reason to refuse it. The reconciler asks again within a second.
      await deadline.orGoOn(this.admission.request());
      return accepted;
    } catch (error) {
      if (options.readAtOnce && !options.idempotencyKey) this.forsake(requester, taken);
      // For want of time or of a database nothing can be recorded either.
      if (error instanceof DomainError && error.code !== 'SYSTEM.UNAVAILABLE')
        await deadline.orRefuse(this.recordRefusal(requester, request, error));
      throw error;
    } finally {
      deadline.end();
    }
  }

  /** What is accepted too late and would be answered in the same request is read by nobody: who asks again gets another. */
  private forsake(requester: Requester, taken: Promise<AcceptedReceipt>): void {
    taken.then(({ id }) => this.canceller.cancel(requester, id)).catch(() => undefined);
  }

  private async take(
    requester: Requester,
    request: ChatRequest,
    { idempotencyKey, readAtOnce = false }: AcceptOptions,
    deadline: Deadline,
  ): Promise<AcceptedReceipt> {
    const { segment } = requester.scope;
    demandTrialGoesOn(requester, this.clock.now());
    demandQuestion(request);
    guardPrompt({ segment, texts: textsOf(request) });
    const route = this.pool.route(request.model, segment, requester.models);
    const maxTokens = boundedMaxTokens(request.maxTokens, route);
    await this.sharedPool.demandHealthy(route);
    const seal = await this.contentSeal.forTenant(requester.scope);
    const idempotency = idempotencyKey
      ? { key: idempotencyKey, fingerprint: seal.fingerprint(JSON.stringify(request)) }
      : null;
    return this.store({ requester, request, route, maxTokens, seal, idempotency, readAtOnce, deadline });
  }

  private async store(draft: Draft): Promise<AcceptedReceipt> {
    const { scope } = draft.requester;
    try {
      return await this.database.together(scope, async (tx) => {
        const earlier = await this.earlier(tx, draft);
        return earlier ? { result: earlier } : this.insertion(tx, draft);
      });
    } catch (error) {
      // Two requests with one key at once: the other was first, and its job is the answer to both.
      if (!draft.idempotency || !refusedWith(error, UNIQUE_VIOLATION)) throw error;
      const first = await this.database.run(scope, (tx) => this.earlier(tx, draft));
      if (!first) throw error;
      return first;
    }
  }

  private async earlier(
    tx: TenantTransaction,
    { requester, idempotency, readAtOnce }: Draft,
  ): Promise<AcceptedReceipt | null> {
    if (!idempotency) return null;
    const earlier = await this.repository.findByIdempotencyKey(tx, requester, idempotency.key);
    if (earlier && !earlier.fingerprint.equals(idempotency.fingerprint)) {
      throw new DomainError('REQUEST.IDEMPOTENCY_MISMATCH', {
        detail: '同じ Idempotency-Key で内容の異なる要求が既に受け付けられています。新しいキーで送信してください。',
      });
    }
    if (earlier?.isErased && readAtOnce) throw erased();
    return earlier && { ...earlier, isRepeat: true };
  }

  private async insertion(tx: TenantTransaction, draft: Draft): Promise<SharedWork<AcceptedReceipt>> {
    const { requester, request, maxTokens, seal } = draft;
    const acceptedAt = this.clock.now();
    const purposeId = await this.passPurposeGate(tx, request.purposeCode);
    const place = await this.conversations.place(tx, requester, request, seal, acceptedAt);
    const { conversationId, historyBytes } = place;
    const inputTokens = estimateInputTokens(request.messages) + Math.ceil(historyBytes / 3);
    demandFit(draft.route, inputTokens, maxTokens);
    const id = newId();
    const inputText = inputOf(request);
    const job: AcceptedJob = {
      id,
      requester,
      kind: request.kind,
      conversationId,
      purposeId,
      model: draft.route.model,
      maxTokens,
      inputSealed: seal.seal({ rowId: id, column: 'input' }, inputText),
      inputBytes: Buffer.byteLength(inputText),
      historyBytes,
      idempotency: draft.idempotency,
      acceptedAt,
      lane: 'interactive',
      inputTokens,
      costTokens: inputTokens + Math.ceil(maxTokens / 2),
    };
    // A token covers at least one byte, so the history's stored size bounds its tokens too.
    const worstCase = worstCaseInputTokens(request.messages) + historyBytes + maxTokens;
    draft.deadline.demandTime();
    const recorded = {
      actor: actorOf(requester),
      subject: jobSubject(id),
      segment: tx.scope.segment,
      details: { model: draft.route.model, maxTokens, purpose: request.purposeCode ?? null },
    };
    const held = { subject: jobSubject(id), holder: requester, tokens: worstCase, acceptedAt };
    return {
      result: { id, conversationId, model: job.model, status: 'queued', isRepeat: false },
      fits: () => this.budget.hasRoom(tx, held),
      parents: () => place.open(),
      rows: () => this.repository.insert(tx, job),
      budget: () => this.budget.reserve(tx, held),
      audit: () =>
        this.audit.append(
          tx,
          { ...recorded, action: 'job.accepted' },
          ...(draft.readAtOnce ? [{ ...recorded, action: 'job.read', details: {} }] : []),
        ),
    };
  }

  private async passPurposeGate(tx: TenantTransaction, purposeCode: string | undefined): Promise<string | null> {
    const purpose = purposeCode === undefined ? null : await this.purposes.enabledByCode(tx, purposeCode);
    guardPurpose({
      segment: tx.scope.segment,
      purposeCode,
      enabledPurposes: new Set(purpose && purposeCode !== undefined ? [purposeCode] : []),
    });
    return purpose?.id ?? null;
  }

  private async recordRefusal(requester: Requester, request: ChatRequest, error: DomainError): Promise<void> {
    const refused = {
      action: 'job.refused',
      actor: actorOf(requester),
      segment: requester.scope.segment,
      outcome: 'refused',
      details: { code: error.code, messages: request.messages.length },
    } as const;
    await this.database.together(requester.scope, async (tx) => ({
      result: undefined,
      audit: () => this.audit.append(tx, refused),
    }));
  }
}

const erased = (): DomainError =>
  new DomainError('REQUEST.NOT_FOUND', {
    faults: [
      {
        pointer: '/Idempotency-Key',
        message: 'このキーの回答は、保存期間が過ぎたか消去されました。新しいキーで送信してください。',
      },
    ],
  });

/** Whatever is stored and sent to a model. */
const textsOf = ({ messages, stop = [] }: ChatRequest) => [
  ...messages.map(({ content }, index) => ({ pointer: `/messages/${index}/content`, text: content })),
  ...stop.map((text, index) => ({ pointer: `/stop/${index}`, text })),
];
