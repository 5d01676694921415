import { Injectable } from '@nestjs/common';
import { FinanceDatabase, TenantDatabase, type TenantScope, type Transaction } from '#libs/database';
import { Clock, type TenantId, fiscalYearOf, jstMonthOf } from '#libs/kernel';
import { PublishedPrices } from '#libs/pricing';
import type { ContractMonth } from '../charge.ts';
import { ContractBook } from '../contracts/contract-book.ts';
import { type BudgetEstimate, type WhatIf, estimateBudget } from './budget-estimate.ts';
import { everyDay } from './calendar.ts';
import { type UsePart, UseReader, tokensOf } from './use-reader.ts';

/** JST days, both included. */
export interface Trial {
  readonly from: string;
  readonly to: string;
}

export interface EstimateView extends BudgetEstimate {
  readonly city: { readonly code: string; readonly name: string };
  /** Who used anything in the trial; null for the vendor, who does not look at members. */
  readonly trialUsers: number | null;
  readonly trialTokens: number;
  /** What the trial's tokens were shared out among, in per cent. */
  readonly trialMix: readonly { readonly model: string; readonly percent: number }[];
  /** What a mix may be made of. */
  readonly pricedModels: readonly string[];
  /** Yen for a dollar today; null without a rate. */
  readonly todaysRate: string | null;
}

/** Next fiscal year's budget request of a city, from its use in a trial. */
@Injectable()
export class BudgetEstimator {
  constructor(
    private readonly database: TenantDatabase,
    private readonly finance: FinanceDatabase,
    private readonly use: UseReader,
    private readonly prices: PublishedPrices,
    private readonly contracts: ContractBook,
    private readonly clock: Clock,
  ) {}

  /** As the city sees it. */
  async forCity(scope: TenantScope, trial: Trial, whatIf: WhatIf): Promise<EstimateView> {
    const [read, trialUsers] = await this.database.run(scope, (tx) =>
      Promise.all([this.read(tx, scope.tenantId, trial), this.use.users(tx, trial.from, trial.to)]),
    );
    const contract = await this.finance.run((tx) => this.contracts.monthOf(tx, scope.tenantId, this.month()));
    return this.view({ ...read, contract, trialUsers }, trial, whatIf);
  }

  /** As the vendor's finance sees it: the same figures but for who used it. @throws DomainError REQUEST.NOT_FOUND */
  async forVendor(tenantId: TenantId, trial: Trial, whatIf: WhatIf): Promise<EstimateView> {
    return this.finance.run(async (tx) => {
      const read = await this.read(tx, tenantId, trial);
      const contract = await this.contracts.monthOf(tx, tenantId, this.month());
      return this.view({ ...read, contract, trialUsers: null }, trial, whatIf);
    });
  }

  private month = () => jstMonthOf(this.clock.now());

  private async read(tx: Transaction, tenantId: TenantId, { from, to }: Trial) {
    const [city, daily, parts, departments, list] = await Promise.all([
      this.use.city(tx, tenantId),
      this.use.daily(tx, tenantId, from, to),
      this.use.parts(tx, tenantId, from, to),
      this.use.departments(tx, tenantId),
      this.prices.asOf(tx),
    ]);
    return { city, daily, parts, departments, list };
  }

  private view(
    {
      city,
      daily,
      parts,
      departments,
      list,
      contract,
      trialUsers,
    }: Awaited<ReturnType<BudgetEstimator['read']>> & {
      contract: ContractMonth | null;
      trialUsers: number | null;
    },
    { from, to }: Trial,
    whatIf: WhatIf,
  ): EstimateView {
    const fiscalYear = fiscalYearOf(this.clock.now()) + 1;
    const days = everyDay(from, to, new Map(daily.map(({ day, tokens }) => [day, tokens])));
    const trialTokens = parts.reduce((sum, part) => sum + tokensOf(part), 0);
    return {
      ...estimateBudget({ fiscalYear, days, parts, departments, contract, prices: { list } }, whatIf),
      city,
      trialUsers,
      trialTokens,
      trialMix: mixOf(parts, trialTokens),
      pricedModels: list.current.map(({ model }) => model),
      todaysRate: list.fxRate?.jpyPerUsd.toFixed() ?? null,
    };
  }
}

const mixOf = (parts: readonly UsePart[], total: number) =>
  [...Map.groupBy(parts, ({ model }) => model)].map(([model, own]) => ({
    model,
    percent: total > 0 ? Math.round((own.reduce((sum, part) => sum + tokensOf(part), 0) / total) * 1_000) / 10 : 0,
  }));
