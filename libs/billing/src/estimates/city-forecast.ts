import { Injectable } from '@nestjs/common';
import { FinanceDatabase, TenantDatabase, type TenantScope } from '#libs/database';
import { Clock, type JstMonth, jstDayOf } from '#libs/kernel';
import { type Budget, BudgetBook } from '#libs/metering';
import { PublishedPrices } from '#libs/pricing';
import type { ContractMonth } from '../charge.ts';
import { ContractBook } from '../contracts/contract-book.ts';
import { type Band, mapBand } from './bands.ts';
import { dayBefore } from './calendar.ts';
import { type CurrentPrices, feeOf, followsCosts, unpricedModels } from './fees.ts';
import { type MonthForecast, type UseForecast, forecastUse } from './forecast-use.ts';
import { type UsePart, UseReader, tokensOf } from './use-reader.ts';

/** How far back use says something about what is to come; the fiscal year is read from its start. */
const LOOK_BACK_DAYS = 120;

/** Why there is no amount: nobody agreed on one, or a model that is used has no price. */
export type NoFee = 'no-contract' | 'unpriced-model';

export interface CityForecastMonth extends MonthForecast {
  /** Null where no limit is known. */
  readonly limitTokens: number | null;
  /** Tax included, whole yen; what the invoice will say may differ. */
  readonly feeJpy: Band | null;
}

export interface CityForecast extends Omit<UseForecast, 'months'> {
  readonly months: readonly CityForecastMonth[];
  readonly yearFeeJpy: Band | null;
  readonly noFee: NoFee | null;
  /** The day of this month on which use passes the limit, as the middle of the band has it. */
  readonly exhaustedOn: string | null;
}

/** Where a city's use and fee of the month and of the fiscal year will come to (docs/decisions/0022). */
@Injectable()
export class CityForecaster {
  constructor(
    private readonly database: TenantDatabase,
    private readonly finance: FinanceDatabase,
    private readonly use: UseReader,
    private readonly budgets: BudgetBook,
    private readonly prices: PublishedPrices,
    private readonly contracts: ContractBook,
    private readonly clock: Clock,
  ) {}

  async forecast(scope: TenantScope): Promise<CityForecast> {
    const { tenantId } = scope;
    const today = jstDayOf(this.clock.now());
    const fiscalStart = `${Number(today.slice(0, 4)) - (today.slice(5, 7) < '04' ? 1 : 0)}-04-01`;
    const recent = dayBefore(today, LOOK_BACK_DAYS);
    const from = fiscalStart < recent ? fiscalStart : recent;
    const [history, mix, limits, list] = await this.database.run(scope, (tx) =>
      Promise.all([
        this.use.daily(tx, tenantId, from, today),
        this.use.parts(tx, tenantId, recent, today),
        this.budgets.list(tx, from.slice(0, 7), `${Number(fiscalStart.slice(0, 4)) + 1}-03`),
        this.prices.asOf(tx),
      ]),
    );
    const forecast = forecastUse(history, today);
    // The council's part of a fee is found by looking at all its members: the finance role reads, for this city alone
    const contracts = await this.finance.run(async (tx) => {
      const read: (ContractMonth | null)[] = [];
      for (const { month } of forecast.months) read.push(await this.contracts.monthOf(tx, tenantId, month));
      return read;
    });
    const fees = feesOf(forecast, contracts, mix, { list });
    const months = forecast.months.map((month, index) => ({
      ...month,
      limitTokens: limitIn(limits, month.month),
      feeJpy: fees.months[index] ?? null,
    }));
    const limit = limitIn(limits, today.slice(0, 7));
    return {
      ...forecast,
      months,
      yearFeeJpy: fees.year,
      noFee: fees.noFee,
      exhaustedOn: forecast.days.find(({ band }) => limit !== null && band.p50 > limit)?.day ?? null,
    };
  }
}

/** The limit of a month, or of the latest before it. */
function limitIn(budgets: readonly Budget[], month: JstMonth): number | null {
  return budgets.findLast((budget) => budget.month <= month)?.limitTokens ?? null;
}

interface Fees {
  readonly months: readonly (Band | null)[];
  readonly year: Band | null;
  readonly noFee: NoFee | null;
}

/** Models and departments are taken to go on sharing the use as they did lately. */
export function feesOf(
  { months, year }: UseForecast,
  contracts: readonly (ContractMonth | null)[],
  mix: readonly UsePart[],
  prices: CurrentPrices,
): Fees {
  const known = contracts.filter((contract) => contract !== null);
  if (known.length === 0) return { months: [], year: null, noFee: 'no-contract' };
  if (known.some(followsCosts) && unpricedModels(mix, prices).length > 0)
    return { months: [], year: null, noFee: 'unpriced-model' };
  const total = mix.reduce((sum, part) => sum + tokensOf(part), 0);
  const feeAt = (index: number, tokens: number): number => {
    const contract = contracts[index];
    return contract ? feeOf(contract, mix, total > 0 ? tokens / total : 0, prices).withTaxJpy : 0;
  };
  // Low months do not all come together: the year's own band is shared out by the middle of each month's
  const over = months.reduce((sum, { isOver, band }) => sum + (isOver ? band.p50 : 0), 0);
  const ahead = months.reduce((sum, { isOver, band }) => sum + (isOver ? 0 : band.p50), 0);
  const yearFee = (tokens: number): number =>
    months.reduce((sum, { isOver, band }, index) => {
      const share = isOver ? band.p50 : ahead > 0 ? (band.p50 / ahead) * (tokens - over) : 0;
      return sum + feeAt(index, share);
    }, 0);
  return {
    months: months
      .map(({ band }, index) => contracts[index] && mapBand(band, (tokens) => feeAt(index, tokens)))
      .map((band) => band ?? null),
    year: mapBand(year, yearFee),
    noFee: null,
  };
}
