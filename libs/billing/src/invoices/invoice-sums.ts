import { Decimal } from 'decimal.js';
import type { InvoiceTax } from '../invoice-document.ts';

/** The rate below which a rate is marked as reduced (軽減税率). */
const STANDARD_RATE = new Decimal('0.1');

export const isReduced = (rate: Decimal): boolean => rate.lessThan(STANDARD_RATE);

/** What a line, or a part of one, adds at its rate. */
export interface Taxable {
  /** Whole yen, negative for what is given back. */
  readonly amountJpy: number;
  readonly taxRate: Decimal;
}

/**
 * Tax once per rate and invoice, never per line (消費税法施行令 第70条の10): three lines of 105 yen at 10 % make 31 and not 30.
 * Fractions are cut off, also of what is given back.
 * @returns one row per rate, the highest first
 */
export function taxesOf(lines: readonly Taxable[]): InvoiceTax[] {
  const rates = new Map<string, number>();
  for (const { taxRate, amountJpy } of lines) {
    const rate = taxRate.toString();
    rates.set(rate, (rates.get(rate) ?? 0) + amountJpy);
  }
  return [...rates]
    .map(([rate, taxableJpy]) => ({
      rate,
      reduced: isReduced(new Decimal(rate)),
      taxableJpy,
      taxJpy: new Decimal(rate).times(taxableJpy).trunc().toNumber(),
    }))
    .sort((one, other) => Number(other.rate) - Number(one.rate));
}

export const sumOf = (amounts: Iterable<number>): number => {
  let sum = 0;
  for (const amount of amounts) sum += amount;
  return sum;
};
