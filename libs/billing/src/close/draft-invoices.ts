import { Injectable } from '@nestjs/common';
import type { CrossTenantTransaction } from '#libs/database';
import { Clock, type JstMonth, type TenantId, newId, tenantId } from '#libs/kernel';
import { Prices, type PriceTable } from '#libs/pricing';
import type { ContractMonth, RatedUsage } from '../charge.ts';
import { type BilledMonth, chargesOf } from '../contracts/charges-of.ts';
import { ContractBook } from '../contracts/contract-book.ts';
import { canonicalText } from '../invoices/canonical.ts';
import { cityFacts } from '../invoices/city-facts.ts';
import { type CityFacts, type DraftDocument, draftDocument } from '../invoices/draft-document.ts';
import { usageBilledBefore, usageBilledIn } from './period-usage.ts';

/** The contract a city without one in this month had last: what came late is still billed under it. */
const LAST_CONTRACT = `
  SELECT id FROM contracts WHERE tenant_id = $1 AND starts_on <= $2 ORDER BY starts_on DESC LIMIT 1`;

/** Between texts of JSON, none of which has it (RFC 7464): an array would have every quotation mark of them escaped and read again. */
const SEPARATOR = '\u001e';

/** One statement for a slice of cities. What is there already is left alone: a repeated close finds its own drafts. */
const INSERT = `
  WITH drafted AS (
    INSERT INTO invoices (tenant_id, id, kind, month, contract_id, subtotal_jpy, tax_jpy, total_jpy, document, created_at)
    SELECT d.tenant_id, d.id, 'invoice', $1, d.contract_id, d.subtotal, d.tax, d.subtotal + d.tax, d.document, $8
    FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::numeric[], $6::numeric[], string_to_array($7, '${SEPARATOR}'))
      AS d (tenant_id, id, contract_id, subtotal, tax, document)
    ON CONFLICT (tenant_id, month, contract_id) WHERE kind = 'invoice' DO NOTHING
    RETURNING tenant_id, id)
  INSERT INTO invoice_events (tenant_id, id, invoice_id, step, occurred_at)
  SELECT d.tenant_id, e.id, d.id, 'drafted', $8
  FROM drafted d JOIN unnest($3::uuid[], $9::uuid[]) AS e (invoice_id, id) ON e.invoice_id = d.id`;

/** What the drafts of a month are made from, read once: a contract and some prices a city. */
export interface DraftingPlan {
  readonly month: JstMonth;
  /** In the order in which drafts are made. */
  readonly cities: readonly TenantId[];
  readonly contracts: ReadonlyMap<TenantId, ContractMonth>;
  readonly prices: PriceTable;
}

/** Makes the invoices of a counted month, for some cities at a time. */
@Injectable()
export class DraftInvoices {
  constructor(
    private readonly contracts: ContractBook,
    private readonly prices: Prices,
    private readonly clock: Clock,
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

  /** Keeps composed drafts, those that are there already left out. */
  async keep(tx: CrossTenantTransaction, month: JstMonth, drafts: readonly DraftDocument[]): Promise<void> {
    if (drafts.length === 0) return;
    await tx.query(INSERT, [
      `${month}-01`,
      drafts.map(({ recipient }) => recipient.tenantId),
      drafts.map(() => newId()),
      drafts.map(({ contract }) => contract.id),
      drafts.map(({ subtotalJpy }) => subtotalJpy),
      drafts.map(({ taxJpy }) => taxJpy),
      drafts.map((draft) => canonicalText(draft)).join(SEPARATOR),
      this.clock.now(),
      drafts.map(() => newId()),
    ]);
  }

  /** What one city's draft says as of now; undefined when it owes nothing and used nothing. */
  async composeOne(tx: CrossTenantTransaction, month: JstMonth, city: TenantId): Promise<DraftDocument | undefined> {
    const contract = await this.contracts.monthOf(tx, city, month);
    const contracts = new Map(contract ? [[city, contract]] : []);
    const plan = { month, cities: [city], contracts, prices: await this.prices.load(tx) };
    return (await this.compose(tx, plan, [city]))[0];
  }

  /** Drafts for these cities. One that owes nothing and used nothing gets none. */
  async compose(tx: CrossTenantTransaction, plan: DraftingPlan, cities: readonly TenantId[]): Promise<DraftDocument[]> {
    const { month, prices } = plan;
    const usage = await usageBilledIn(tx, prices, month, cities);
    const contracts: ContractMonth[] = [];
    for (const city of cities) {
      const contract = plan.contracts.get(city) ?? (usage.has(city) ? await this.lastContract(tx, month, city) : null);
      if (contract) contracts.push(contract);
    }
    const facts = await cityFacts(tx, contracts);
    const drafts: DraftDocument[] = [];
    for (const contract of contracts) {
      const used = usage.get(contract.tenantId) ?? [];
      const before = await this.billedBefore(tx, prices, contract, used);
      const city = facts.get(contract.contractId);
      if (!city) throw new Error(`contract ${contract.contractId} is not there`);
      const lines = naming(city, () => chargesOf(contract, used, before));
      if (lines.length + used.length > 0) drafts.push(draftDocument(month, city, lines, used, prices));
    }
    return drafts;
  }

  /** For a city whose contract is over and whose last use came late. */
  private async lastContract(tx: CrossTenantTransaction, month: JstMonth, city: TenantId): Promise<ContractMonth> {
    const [last] = await tx.query<{ id: string }>(LAST_CONTRACT, [city, `${month}-01`]);
    if (!last) throw new Error(`city ${city} used something and never had a contract`);
    return { tenantId: city, contractId: last.id, month, stretches: [], council: null, baseFeeDepartmentId: null };
  }

  /** What earlier invoices charged for the months that late or corrected use belongs to. */
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
