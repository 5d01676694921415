import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { ContentSeal, TenantDatabase, type TenantSeal, type TenantTransaction } from '#libs/database';
import { guardPurpose } from '#libs/guardrail';
import { Clock, DomainError, jstMonthOf } from '#libs/kernel';
import { BudgetBook, BudgetKeeper, type HeldTokens } from '#libs/metering';
import { ModelPool, type ModelRoute, SharedPool } from '#libs/model-pool';
import { PurposeDirectory } from '#libs/tenancy';
import { FairAdmission } from '../admission/fair-admission.ts';
import { type Requester, actorOf, jobSubject, requesterId } from '../job.ts';
import { type BatchForecast, type BatchPlan, batchSubject } from './batch.ts';
import { BatchJobs, type JobTerms } from './batch-jobs.ts';
import { inPromptPieces, inspectPrompts, promptOf } from './batch-prompts.ts';
import { DryRuns } from './dry-runs.ts';
import { BatchRepository, type StoredBatch } from './batch-repository.ts';
import { demandTrialGoesOn } from '../intake/trial.ts';
import { boundedMaxTokens } from '../intake/token-limits.ts';
import { PromptTemplate } from './prompt-template.ts';

/** A plan with everything decided that it may leave open. */
interface Terms {
  readonly route: ModelRoute;
  readonly maxTokens: number;
  readonly purpose: { readonly id: string; readonly code: string } | null;
}

/** Some rows of a batch that are to become jobs. */
interface Load {
  readonly batch: StoredBatch;
  readonly template: PromptTemplate;
  readonly terms: Terms;
  /** The moment at which failed jobs gave their rows up; null for all rows. */
  readonly retriedAt: Date | null;
}

/**
 * Turns rows into jobs: all in one transaction or none. Numbers guarded, purpose gate passed, worst cases of all rows
 * reserved, one audit record (docs/decisions/0013).
 */
@Injectable()
export class BatchStarter {
  private readonly dryRuns = new DryRuns();

  constructor(
    private readonly database: TenantDatabase,
    private readonly contentSeal: ContentSeal,
    private readonly pool: ModelPool,
    private readonly sharedPool: SharedPool,
    private readonly purposes: PurposeDirectory,
    private readonly budget: BudgetKeeper,
    private readonly budgets: BudgetBook,
    private readonly repository: BatchRepository,
    private readonly jobs: BatchJobs,
    private readonly admission: FairAdmission,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /**
   * What a start would do; it is refused as the start would be, but for a budget that is too small.
   * @throws DomainError BATCHES.DRY_RUN_UNDER_WAY, and as start()
   */
  async forecast(requester: Requester, id: string, plan: BatchPlan): Promise<BatchForecast> {
    const { scope } = requester;
    const seal = await this.contentSeal.forTenant(scope);
    // First: a batch of somebody else is as missing as any while another is being looked at, too.
    const batch = await this.database.run(scope, (tx) => this.repository.own(tx, seal, requester, id));
    return this.dryRuns.run(requesterId(requester), () => this.foresee(requester, seal, batch, plan));
  }

  private foresee(requester: Requester, seal: TenantSeal, batch: StoredBatch, plan: BatchPlan): Promise<BatchForecast> {
    return this.database.run(requester.scope, async (tx) => {
      const template = PromptTemplate.parse(plan.template, batch.columns);
      const { route, maxTokens } = await this.termsOf(tx, requester, plan);
      const rows = () => this.repository.rows(tx, seal, batch.id, null);
      const totals = await inspectPrompts(rows, template, limitsOf(route, maxTokens), pauseOf(tx));
      return {
        rowCount: totals.rows,
        model: route.model,
        maxTokens,
        preview: totals.preview,
        estimatedInputTokens: totals.inputTokens,
        estimatedOutputTokens: totals.rows * Math.ceil(maxTokens / 2),
        worstCaseTokens: totals.worstCaseTokens,
        remainingTokens: await this.budgets.remaining(tx, requester, jstMonthOf(this.clock.now())),
      };
    });
  }

  /**
   * Accepts every row, or the start that was accepted before if it was the same. @throws DomainError REQUEST.NOT_FOUND,
   * BATCHES.ALREADY_STARTED, BATCHES.TEMPLATE_INVALID, GUARD.*, METERING.BUDGET_EXHAUSTED, JOBS.*,
   * MODEL.NO_HEALTHY_DEPLOYMENT
   */
  async start(requester: Requester, id: string, plan: BatchPlan): Promise<void> {
    await this.recordingRefusal(requester, id, (seal) =>
      this.database.run(requester.scope, async (tx) => {
        const batch = await this.repository.own(tx, seal, requester, id, 'FOR UPDATE');
        demandTrialGoesOn(requester, this.clock.now());
        const fingerprint = seal.fingerprint(
          JSON.stringify([plan.template, plan.model, plan.maxTokens, plan.purposeCode]),
        );
        if (batch.planFingerprint) {
          if (batch.planFingerprint.equals(fingerprint)) return;
          throw new DomainError('BATCHES.ALREADY_STARTED');
        }
        const template = PromptTemplate.parse(plan.template, batch.columns);
        const terms = await this.termsOf(tx, requester, plan);
        const at = this.clock.now();
        await this.repository.markStarted(tx, seal, id, {
          template: plan.template,
          fingerprint,
          ...terms,
          model: terms.route.model,
          at,
        });
        await this.accept(tx, seal, requester, { batch, template, terms, retriedAt: null }, at);
      }),
    );
  }

  /**
   * Gives every row that failed, or that the system cancelled, a new job on the same terms. `round` is the round whose failures
   * are meant: sent twice, it is done once. @throws DomainError REQUEST.NOT_FOUND, BATCHES.NOT_STARTED, BATCHES.NOTHING_TO_RETRY, and as start()
   */
  async retry(requester: Requester, id: string, round: number): Promise<void> {
    await this.recordingRefusal(requester, id, (seal) =>
      this.database.run(requester.scope, async (tx) => {
        const batch = await this.repository.own(tx, seal, requester, id, 'FOR UPDATE');
        demandTrialGoesOn(requester, this.clock.now());
        if (batch.template === null) throw new DomainError('BATCHES.NOT_STARTED');
        if (batch.round > round) return;
        if (batch.round < round) throw new DomainError('BATCHES.NOTHING_TO_RETRY');
        const retriedAt = this.clock.now();
        await this.repository.markRetried(tx, id, retriedAt);
        const template = PromptTemplate.parse(batch.template, batch.columns);
        const terms = await this.termsOf(tx, requester, {
          template: batch.template,
          model: batch.model!,
          maxTokens: batch.maxTokens!,
          purposeCode: batch.purposeCode ?? undefined,
        });
        await this.accept(tx, seal, requester, { batch, template, terms, retriedAt }, retriedAt);
      }),
    );
  }

  private async accept(
    tx: TenantTransaction,
    seal: TenantSeal,
    requester: Requester,
    { batch: { id }, template, terms, retriedAt }: Load,
    acceptedAt: Date,
  ): Promise<void> {
    const { route, maxTokens, purpose } = terms;
    const { model } = route;
    const rows = () => this.repository.rows(tx, seal, id, retriedAt);
    const totals = await inspectPrompts(rows, template, limitsOf(route, maxTokens), pauseOf(tx));
    if (totals.rows === 0) throw new DomainError('BATCHES.NOTHING_TO_RETRY');
    const jobTerms: JobTerms = { batchId: id, requester, model, maxTokens, purposeId: purpose?.id ?? null, acceptedAt };
    const held: HeldTokens[] = [];
    for await (const piece of inPromptPieces(rows(), template)) {
      const prompts = piece.map((row) => promptOf(row, template, maxTokens));
      const ids = await this.jobs.insert(tx, seal, jobTerms, prompts);
      ids.forEach((jobId, index) => held.push({ subject: jobSubject(jobId), tokens: prompts[index]!.worstCaseTokens }));
    }

    // From here on the whole city waits: its budget, then its audit chain, then the commit.
    const written = [
      this.budget.reserveAll(tx, requester, held, acceptedAt),
      this.audit.append(tx, {
        action: retriedAt ? 'batch.retried' : 'batch.accepted',
        actor: actorOf(requester),
        subject: batchSubject(id),
        segment: tx.scope.segment,
        details: { rows: totals.rows, model, maxTokens, purpose: purpose?.code ?? null },
      }),
    ];
    tx.commitBehind();
    await Promise.all(written);
  }

  private async termsOf(tx: TenantTransaction, { models }: Requester, plan: BatchPlan): Promise<Terms> {
    const { segment } = tx.scope;
    const { purposeCode } = plan;
    const route = this.pool.route(plan.model, segment, models);
    const maxTokens = boundedMaxTokens(plan.maxTokens, route);
    await this.sharedPool.demandHealthy(route);
    const purpose = purposeCode === undefined ? null : await this.purposes.enabledByCode(tx, purposeCode);
    guardPurpose({ segment, purposeCode, enabledPurposes: new Set(purpose ? [purpose.code] : []) });
    return { route, maxTokens, purpose };
  }

  /** What is refused leaves a record that says why, and no trace of the words. */
  private async recordingRefusal(
    requester: Requester,
    id: string,
    work: (seal: TenantSeal) => Promise<void>,
  ): Promise<void> {
    const { scope } = requester;
    try {
      await work(await this.contentSeal.forTenant(scope));
    } catch (error) {
      if (error instanceof DomainError && error.code !== 'SYSTEM.UNAVAILABLE' && error.kind !== 'not_found')
        await this.database.run(scope, (tx) =>
          this.audit.append(tx, {
            action: 'batch.refused',
            actor: actorOf(requester),
            subject: batchSubject(id),
            segment: scope.segment,
            outcome: 'refused',
            details: { code: error.code },
          }),
        );
      throw error;
    }
    // The rows are safe; how soon they run is no reason to refuse them. The reconciler asks again within a second.
    this.admission.request().catch(() => undefined);
  }
}

const limitsOf = ({ segment, tokensPerMinute }: ModelRoute, maxTokens: number) => ({
  segment,
  tokensPerCall: tokensPerMinute,
  maxTokens,
});

/** Others in this process go first while the database answers, and it learns that this transaction is not an idle one. */
const pauseOf = (tx: TenantTransaction) => (): Promise<unknown> => tx.query('SELECT 1');
