import type { ChargeLine } from '../charge.ts';
import type { InvoiceAllocation, InvoiceTax } from '../invoice-document.ts';

/** What a department bears of an invoice. */
export type AllocatedPart = Pick<InvoiceAllocation, 'departmentId' | 'subtotalJpy' | 'taxJpy' | 'totalJpy'>;

/**
 * What each department bears of an invoice. The tax of a rate is split in proportion to what each bears at that rate, by
 * the largest remainder, so that both columns add up to the invoice's, to the yen. Amounts may be negative: a department
 * whose corrections outweigh its use gets back.
 */
export function allocateWithTax(
  lines: readonly Pick<ChargeLine, 'taxRate' | 'allocation'>[],
  taxes: readonly InvoiceTax[],
): AllocatedPart[] {
  const parts = new Map<string | null, { subtotalJpy: number; taxJpy: number }>();
  const partOf = (departmentId: string | null) => {
    const part = parts.get(departmentId) ?? { subtotalJpy: 0, taxJpy: 0 };
    parts.set(departmentId, part);
    return part;
  };
  for (const { rate, taxJpy } of taxes) {
    const borne = new Map<string | null, number>();
    for (const { taxRate, allocation } of lines)
      if (taxRate.toString() === rate)
        for (const { departmentId, amountJpy } of allocation)
          borne.set(departmentId, (borne.get(departmentId) ?? 0) + amountJpy);
    const bearers = [...borne].sort(([a], [b]) => (a === null ? 1 : b === null || a < b ? -1 : 1));
    const shares = splitBySign(
      taxJpy,
      bearers.map(([, amountJpy]) => amountJpy),
    );
    for (const [index, [departmentId, amountJpy]] of bearers.entries()) {
      const part = partOf(departmentId);
      part.subtotalJpy += amountJpy;
      part.taxJpy += shares[index]!;
    }
  }
  return [...parts].map(([departmentId, part]) => ({
    departmentId,
    ...part,
    totalJpy: part.subtotalJpy + part.taxJpy,
  }));
}

/** The largest remainder for amounts of either sign: every share is rounded down, and what is left goes, one each, to the largest remainders. */
function splitBySign(whole: number, amounts: readonly number[]): number[] {
  const total = amounts.reduce((sum, amount) => sum + BigInt(amount), 0n);
  if (total === 0n) return amounts.map(() => 0);
  const shares = amounts.map((amount) => floorDivide(BigInt(whole) * BigInt(amount), total));
  const left = whole - shares.reduce((sum, { quotient }) => sum + quotient, 0);
  const byRemainder = shares
    .map(({ remainder }, index) => ({ remainder, index }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1));
  for (const { index } of byRemainder.slice(0, left)) shares[index]!.quotient += 1;
  return shares.map(({ quotient }) => quotient);
}

/** Rounded down, for any signs; the remainder is counted in the divisor's size and never negative. */
function floorDivide(dividend: bigint, divisor: bigint): { quotient: number; remainder: bigint } {
  const [over, under] = divisor < 0n ? [-dividend, -divisor] : [dividend, divisor];
  const remainder = ((over % under) + under) % under;
  return { quotient: Number((over - remainder) / under), remainder };
}
