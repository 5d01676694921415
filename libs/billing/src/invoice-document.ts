import type { JstMonth } from '#libs/kernel';

/**
 * An invoice or credit note as it was issued: everything its readers see, so that no later change of a name, a price or a
 * department can change it. Yen are whole; other decimals are strings, as JSON has no exact numbers. Days are JST
 * `YYYY-MM-DD`. The items of a qualified invoice (消費税法 第57条の4) are all here.
 */
export interface InvoiceDocument {
  readonly version: 1;
  readonly kind: 'invoice' | 'credit-note';
  /** Without gaps within a fiscal year; null until issued. */
  readonly number: string | null;
  readonly month: JstMonth;
  readonly period: { readonly from: string; readonly to: string };
  readonly issuedOn: string | null;
  readonly dueOn: string | null;
  readonly issuer: {
    readonly name: string;
    /** 適格請求書発行事業者登録番号: T and 13 digits. */
    readonly registrationNumber: string;
    readonly postalCode: string;
    readonly address: string;
    readonly contact: string | null;
    readonly bankAccount: string | null;
  };
  readonly recipient: {
    readonly tenantId: string;
    /** 全国地方公共団体コード. */
    readonly code: string;
    readonly name: string;
    readonly postalCode: string | null;
    readonly address: string | null;
  };
  readonly contract: {
    readonly id: string;
    readonly title: string;
    readonly fiscalYear: number;
    readonly from: string;
    readonly to: string;
    readonly council: string | null;
  };
  /** The issued invoice that a credit note takes back from. */
  readonly corrects: { readonly number: string; readonly issuedOn: string } | null;
  readonly lines: readonly InvoiceLine[];
  /** One row per rate; tax is rounded down once per rate. */
  readonly taxes: readonly InvoiceTax[];
  readonly subtotalJpy: number;
  readonly taxJpy: number;
  readonly totalJpy: number;
  /** 配賦表. Adds up to the three amounts above. */
  readonly allocations: readonly InvoiceAllocation[];
  /** 利用明細 by department and model. */
  readonly usage: readonly InvoiceUsage[];
  /** The prices and rates the usage was rated by. */
  readonly prices: readonly InvoicePrice[];
  readonly fxRates: readonly InvoiceFxRate[];
}

export interface InvoiceLine {
  readonly position: number;
  readonly kind: 'base-fee' | 'council-base-fee' | 'usage' | 'correction' | 'variance' | 'credit';
  readonly description: string;
  readonly model: string | null;
  readonly quantity: string | null;
  readonly unit: string | null;
  readonly unitPriceJpy: string | null;
  readonly amountJpy: number;
  /** `0.1` or `0.08`. */
  readonly taxRate: string;
  /** A rate below the standard one is marked (軽減税率). */
  readonly reducedRate: boolean;
  /** Set where the line belongs to a month that was billed before. */
  readonly correctsMonth: JstMonth | null;
}

export interface InvoiceTax {
  readonly rate: string;
  readonly reduced: boolean;
  readonly taxableJpy: number;
  readonly taxJpy: number;
}

export interface InvoiceAllocation {
  readonly departmentId: string | null;
  readonly departmentCode: string | null;
  readonly departmentName: string;
  /** 予算科目, as the city set it. */
  readonly budgetItem: string | null;
  readonly subtotalJpy: number;
  readonly taxJpy: number;
  readonly totalJpy: number;
}

export interface InvoiceUsage {
  readonly acceptedMonth: JstMonth;
  readonly departmentId: string | null;
  readonly departmentName: string;
  readonly model: string;
  readonly priceId: string;
  readonly fxRateId: string | null;
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly inputCharacters: number;
  readonly outputCharacters: number;
  /** What the provider's list price says it cost; information, not what is charged. */
  readonly costJpy: string;
}

export interface InvoicePrice {
  readonly id: string;
  readonly model: string;
  readonly validFrom: string;
  readonly currency: 'USD' | 'JPY';
  /** Per 1,000,000 tokens. */
  readonly input: string;
  readonly output: string;
  readonly cacheRead: string;
  readonly cacheWrite: string;
}

export interface InvoiceFxRate {
  readonly id: string;
  readonly validFrom: string;
  readonly jpyPerUsd: string;
}
