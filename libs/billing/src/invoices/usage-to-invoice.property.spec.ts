import fc from 'fast-check';
import { describe, it } from 'vitest';
import { ExactDecimal, PriceTable } from '#libs/pricing';
import { propertyRuns } from '#libs/testing';
import type { ChargeLine, ContractMonth, RatedUsage } from '../charge.ts';
import { anyMonthWithUse } from '../contracts/charge.fixture.ts';
import { chargesOf } from '../contracts/charges-of.ts';
import { focusTable } from '../documents/focus.ts';
import { issuedInvoice } from '../documents/invoice.fixture.ts';
import type { InvoiceDocument } from '../invoice-document.ts';
import { draftDocument } from './draft-document.ts';

const RUNS = propertyRuns(500);
const TIME_MS = Math.max(60_000, RUNS * 10);

const VALID_FROM = new Date('2026-03-31T15:00:00Z');
const ONE = new ExactDecimal(1);
/** What the drawn use is rated by; only that it is there counts here. */
const PRICES = new PriceTable(
  new Map([
    [
      'price',
      {
        id: 'price',
        model: 'model-a',
        validFrom: VALID_FROM,
        currency: 'USD',
        input: ONE,
        output: ONE,
        cacheRead: ONE,
        cacheWrite: ONE,
      },
    ],
  ]),
  new Map([['rate', { id: 'rate', validFrom: VALID_FROM, jpyPerUsd: ONE }]]),
);

const { issuer, recipient, contract, issuedOn, dueOn, number } = issuedInvoice;
const CITY = {
  recipient,
  contract,
  departments: new Map([
    ['a', { code: '01', name: '=1+1', budgetItem: null }],
    ['b', { code: '02', name: '財政課', budgetItem: '02-01 委託料' }],
  ]),
};

const invoiceOf = ({ month }: ContractMonth, lines: ChargeLine[], usage: RatedUsage[]): InvoiceDocument => ({
  ...draftDocument(month, CITY, lines, usage, PRICES),
  issuer,
  number,
  issuedOn,
  dueOn,
});

/** In whole numbers without a limit, so that the check cannot round what it checks. */
const sum = (amounts: readonly number[]): bigint => amounts.reduce((total, amount) => total + BigInt(amount), 0n);

/** BilledCost by InvoiceId. */
async function focusOf(invoice: InvoiceDocument): Promise<Map<unknown, bigint>> {
  const { columns, rows } = focusTable([invoice]);
  const at = (name: string): number => columns.findIndex(({ header }) => header === name);
  const [billed, id] = [at('BilledCost'), at('InvoiceId')];
  const sums = new Map<unknown, bigint>();
  for await (const row of rows) sums.set(row[id], (sums.get(row[id]) ?? 0n) + BigInt(row[billed]!));
  return sums;
}

const MEASURES = [
  'calls',
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'inputCharacters',
  'outputCharacters',
] as const;

/** Compared at once: a matcher for each figure would take most of the time of a million cases. */
async function addsUp(invoice: InvoiceDocument, usage: readonly RatedUsage[]): Promise<boolean> {
  const { lines, taxes, allocations } = invoice;
  const [subtotal, tax, total] = [invoice.subtotalJpy, invoice.taxJpy, invoice.totalJpy].map(BigInt);
  const billed = await focusOf(invoice);
  const pairs = [
    [sum(lines.map(({ amountJpy }) => amountJpy)), subtotal],
    // One rate, 10 %, its fraction cut off
    [tax, subtotal! / 10n],
    [sum(taxes.map(({ taxJpy }) => taxJpy)), tax],
    [total, subtotal! + tax!],
    [sum(allocations.map((part) => part.subtotalJpy)), subtotal],
    [sum(allocations.map((part) => part.taxJpy)), tax],
    [sum(allocations.map((part) => part.totalJpy)), total],
    ...MEASURES.map((measure) => [
      sum(invoice.usage.map((row) => row[measure])),
      sum(usage.map((use) => use[measure])),
    ]),
    [billed.size, lines.length > 0 ? 1 : 0],
    [billed.get(number) ?? 0n, total],
  ];
  return pairs.every(([figure, expected]) => figure === expected);
}

const takenBack = (use: RatedUsage): RatedUsage => ({
  ...use,
  inputTokens: -use.inputTokens,
  outputTokens: -use.outputTokens,
  cacheReadTokens: -use.cacheReadTokens,
  inputCharacters: -use.inputCharacters,
  outputCharacters: -use.outputCharacters,
  cost: use.cost.negated(),
  costJpy: use.costJpy.negated(),
});

describe('whatever a city used', () => {
  it(
    'its invoice adds up to the yen: lines, tax, allocation, usage, and BilledCost of its InvoiceId',
    () =>
      fc.assert(
        fc.asyncProperty(anyMonthWithUse, ({ month, usage }) =>
          addsUp(invoiceOf(month, chargesOf(month, usage), usage), usage),
        ),
        { numRuns: RUNS },
      ),
    TIME_MS,
  );

  it(
    'so does the next invoice, with what came late and what was taken back of it',
    () =>
      fc.assert(
        fc.asyncProperty(anyMonthWithUse, fc.nat(12), fc.nat(12), ({ month, usage }, cut, back) => {
          const billed = usage.slice(0, cut);
          const later = [...usage.slice(cut), ...billed.slice(0, back).map(takenBack)];
          const next: ContractMonth = { ...month, month: '2026-08', stretches: [], council: null };
          return addsUp(invoiceOf(next, chargesOf(next, later, [{ contract: month, billed }]), later), later);
        }),
        { numRuns: RUNS },
      ),
    TIME_MS,
  );
});
