import { Injectable } from '@nestjs/common';
import type { CrossTenantTransaction } from '#libs/database';
import { type JstMonth, type TenantId, tenantId } from '#libs/kernel';
import { Prices, type PriceTable } from '#libs/pricing';
import type { ContractMonth, RatedUsage } from '../charge.ts';
import { type BilledMonth, chargesOf } from '../contracts/charges-of.ts';
import { ContractBook } from '../contracts/contract-book.ts';
import { cityFacts } from '../invoices/city-facts.ts';
import { type CityFacts, type DraftDocument, draftDocument } from '../invoices/draft-document.ts';
import { usageBilledBefore, usageBilledIn } from './period-usage.ts';

/** The contract a city without one in this month had last: what came late is still billed under it. */
const LAST_CONTRACT = `
  SELECT id FROM contracts c WHERE tenant_id = $1 AND starts_on <= $2 AND EXISTS (
    SELECT FROM contract_terms t WHERE t.tenant_id = c.tenant_id AND t.contract_id = c.id AND t.approved_at IS NOT NULL)
  ORDER BY starts_on DESC LIMIT 1`;

/** What the drafts of a month are made from, read once: a contract and some prices a city. */
export interface DraftingPlan {
  readonly month: JstMonth;
  /** In the order in which drafts are made. */
  readonly cities: readonly TenantId[];
  readonly contracts: ReadonlyMap<TenantId, ContractMonth>;
  readonly prices: PriceTable;
}

/** What one city's draft is made from. */
export interface DraftSource {
  readonly contract: ContractMonth;
  readonly used: readonly RatedUsage[];
  /** What earlier invoices charged for the months that late or corrected use belongs to. */
  readonly before: readonly BilledMonth[];
  readonly facts: CityFacts;
}

/** Makes the invoices of a counted month, for some cities at a time. */
@Injectable()
export class DraftInvoices {
  constructor(
    private readonly contracts: ContractBook,
    private readonly prices: Prices,
  ) {}

  async plan(tx: CrossTenantTransaction, month: JstMonth): Promise<DraftingPlan> {
    const cities = await tx.query<{ id: string }>('SELECT id FROM tenants ORDER BY id');
    const contracts = await this.contracts.monthOfAllCities(tx, month);
    return {
      month,
      cities: cities.map(({ id }) => tenantId(id)),
      contracts: new Map(contracts.map((contract) => [contract.tenantId, contract])),
      prices: await this.prices.load(tx),
    };
  }

  /** What one city's draft says as of now; undefined when it owes nothing and used nothing. */
  async composeOne(tx: CrossTenantTransaction, month: JstMonth, city: TenantId): Promise<DraftDocument | undefined> {
    const contract = await this.contracts.monthOf(tx, city, month);
    const contracts = new Map(contract ? [[city, contract]] : []);
    const plan = { month, cities: [city], contracts, prices: await this.prices.load(tx) };
    const [source] = await this.read(tx, plan, [city]);
    return source && this.compose(plan, source);
  }

  /** What the drafts of these cities are made from. A city with neither contract nor use has nothing. */
  async read(tx: CrossTenantTransaction, plan: DraftingPlan, cities: readonly TenantId[]): Promise<DraftSource[]> {
    const { month, prices } = plan;
    const usage = await usageBilledIn(tx, prices, month, cities);
    const contracts: ContractMonth[] = [];
    for (const city of cities) {
      const contract = plan.contracts.get(city) ?? (usage.has(city) ? await this.lastContract(tx, month, city) : null);
      if (contract) contracts.push(contract);
    }
    const facts = await cityFacts(tx, contracts);
    const sources: DraftSource[] = [];
    for (const contract of contracts) {
      const used = usage.get(contract.tenantId) ?? [];
      const before = await this.billedBefore(tx, prices, contract, used);
      const city = facts.get(contract.contractId);
      if (!city) throw new Error(`contract ${contract.contractId} is not there`);
      sources.push({ contract, used, before, facts: city });
    }
    return sources;
  }

  /** Undefined for a city that owes nothing and used nothing. */
  compose({ month, prices }: DraftingPlan, { contract, used, before, facts }: DraftSource): DraftDocument | undefined {
    const lines = naming(facts, () => chargesOf(contract, used, before));
    return lines.length + used.length > 0 ? draftDocument(month, facts, lines, used, prices) : undefined;
  }

  /** For a city whose contract is over and whose last use came late. */
  private async lastContract(tx: CrossTenantTransaction, month: JstMonth, city: TenantId): Promise<ContractMonth> {
    const [last] = await tx.query<{ id: string }>(LAST_CONTRACT, [city, `${month}-01`]);
    if (!last) throw new Error(`city ${city} used something and never had a contract`);
    return { tenantId: city, contractId: last.id, month, stretches: [], council: null, baseFeeDepartmentId: null };
  }

  private async billedBefore(
    tx: CrossTenantTransaction,
    prices: PriceTable,
    { tenantId: city, month }: ContractMonth,
    used: readonly RatedUsage[],
  ): Promise<BilledMonth[]> {
    const months = new Set(used.map(({ acceptedMonth }) => acceptedMonth).filter((accepted) => accepted !== month));
    const earlier: BilledMonth[] = [];
    for (const acceptedMonth of months) {
      const contract = await this.contracts.monthOf(tx, city, acceptedMonth);
      if (!contract) throw new Error(`city ${city} had no contract in ${acceptedMonth}`);
      const billed = await usageBilledBefore(tx, prices, { tenantId: city, acceptedMonth, month });
      earlier.push({ contract, billed });
    }
    return earlier;
  }
}

/** What stops a close must say at which city: it is one of 1,741. */
function naming<Result>({ recipient: { code, name } }: CityFacts, reckon: () => Result): Result {
  try {
    return reckon();
  } catch (cause) {
    throw new Error(`${code} ${name}: ${cause instanceof Error ? cause.message : 'unknown'}`, { cause });
  }
}
