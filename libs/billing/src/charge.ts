import type { Decimal } from 'decimal.js';
import type { JstMonth, TenantId } from '#libs/kernel';

/** What a city agreed to pay by, from a day on (docs/decisions/0017). */
export interface ContractTerms {
  /** First JST day `YYYY-MM-DD`. */
  readonly validFrom: string;
  /** Whole yen a month. */
  readonly baseFeeJpy: number;
  /** What is counted, and of which kinds. */
  readonly unit: 'tokens' | 'characters';
  readonly countsInput: boolean;
  readonly countsOutput: boolean;
  /** Tokens read from and written to the provider's prompt cache; characters know no cache. */
  readonly countsCache: boolean;
  /** Units a month that the base fee covers. */
  readonly includedUnits: number;
  /** Of the units beyond: a price per unit, or what they cost the vendor with a markup. */
  readonly beyond:
    | { readonly pricing: 'unit_price'; /** Yen per 1,000,000 units. */ readonly unitPriceJpy: Decimal }
    | {
        readonly pricing: 'cost_plus';
        /** 0.15 is 15 % on the cost. */
        readonly markup: Decimal;
        /** Yen per dollar where the contract fixes it; else the rate of the day. */
        readonly fixedJpyPerUsd: Decimal | null;
      };
}

/** Days of one month under the same terms, both included. Base fee and included units count by days of the month. */
export interface TermStretch {
  readonly from: string;
  readonly to: string;
  readonly days: number;
  readonly daysOfMonth: number;
  readonly terms: ContractTerms;
}

/** A city's contract as far as one month is concerned. */
export interface ContractMonth {
  readonly tenantId: TenantId;
  readonly contractId: string;
  readonly month: JstMonth;
  /** In order of time, without overlap; empty when the contract has no day in the month. */
  readonly stretches: readonly TermStretch[];
  /** The city's part of its council's base fee, split among the member cities to the yen. */
  readonly council: { readonly name: string; readonly baseFeeJpy: number } | null;
  /** Who bears the base fee; null: the departments, in proportion to their use. */
  readonly baseFeeDepartmentId: string | null;
}

/** Usage of one city summed over what shares department, model, price, exchange rate and stretch. */
export interface RatedUsage {
  /** The month it was accepted in: earlier than the billed one where it came late or corrects. */
  readonly acceptedMonth: JstMonth;
  /** Start of the stretch it fell into. */
  readonly stretchFrom: string;
  readonly departmentId: string | null;
  readonly model: string;
  readonly priceId: string;
  /** Null for models priced in yen. */
  readonly fxRateId: string | null;
  readonly calls: number;
  /** Negative only in corrections. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly inputCharacters: number;
  readonly outputCharacters: number;
  /** At list price and the rate of the day. */
  readonly costJpy: Decimal;
  /** In the price's own currency: dollars, or yen for models priced in yen. */
  readonly cost: Decimal;
}

/** One line of an invoice before tax, and who bears it. */
export interface ChargeLine {
  readonly kind: 'base-fee' | 'council-base-fee' | 'usage' | 'correction' | 'variance';
  /** In Japanese, as the city's accountant reads it. */
  readonly description: string;
  readonly model: string | null;
  readonly quantity: Decimal | null;
  readonly unit: string | null;
  readonly unitPriceJpy: Decimal | null;
  /** Whole yen, rounded down once; negative for what is given back. */
  readonly amountJpy: number;
  /** As a fraction: 0.1. */
  readonly taxRate: Decimal;
  /** The months it is for, where that is not the invoice's. */
  readonly correctsMonth: JstMonth | null;
  /** Adds up to `amountJpy`; a null department stands for work that belongs to none. */
  readonly allocation: readonly { readonly departmentId: string | null; readonly amountJpy: number }[];
}
