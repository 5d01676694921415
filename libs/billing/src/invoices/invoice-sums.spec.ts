import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { Decimal } from 'decimal.js';
import { describe, expect, it } from 'vitest';
import { propertyRuns } from '#libs/testing';
import { allocateWithTax } from './allocate-tax.ts';
import { canonicalText } from './canonical.ts';
import { taxesOf } from './invoice-sums.ts';

const RUNS = propertyRuns(20_000);
const TIME_MS = Math.max(30_000, RUNS);

const RATES = ['0.1', '0.08'].map((rate) => new Decimal(rate));
const line = (amountJpy: number) => ({ amountJpy, taxRate: RATES[0]! });
const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0);

const lines = fc.array(
  fc.record({
    taxRate: fc.constantFrom(...RATES),
    allocation: fc.uniqueArray(
      fc.record({
        departmentId: fc.constantFrom('a', 'b', 'c', 'd', null),
        amountJpy: fc.integer({ min: -1_000_000_000, max: 1_000_000_000_000 }),
      }),
      { selector: ({ departmentId }) => departmentId, minLength: 1, maxLength: 5 },
    ),
  }),
  { minLength: 1, maxLength: 12 },
);

describe('tax', () => {
  it('is rounded down once per rate: three lines of 105 yen at 10 % make 31, not 30', () => {
    expect(taxesOf([line(105), line(105), line(105)])).toEqual([
      { rate: '0.1', reduced: false, taxableJpy: 315, taxJpy: 31 },
    ]);
  });

  it('marks the reduced rate and gives back as much as it took', () => {
    expect(taxesOf([{ amountJpy: -105, taxRate: RATES[1]! }])).toEqual([
      { rate: '0.08', reduced: true, taxableJpy: -105, taxJpy: -8 },
    ]);
  });

  it(
    'split among departments adds up to the yen, whatever the lines',
    () => {
      fc.assert(
        fc.property(lines, (drawn) => {
          const whole = drawn.map((one) => ({
            ...one,
            amountJpy: sum(one.allocation.map(({ amountJpy }) => amountJpy)),
          }));
          const taxes = taxesOf(whole);
          const parts = allocateWithTax(whole, taxes);
          const amounts = (of: (part: (typeof parts)[number]) => number) => sum(parts.map(of));
          return (
            taxes.every(({ taxableJpy, taxJpy }) => taxableJpy !== 0 || taxJpy === 0) &&
            amounts(({ subtotalJpy }) => subtotalJpy) === sum(whole.map(({ amountJpy }) => amountJpy)) &&
            amounts(({ taxJpy }) => taxJpy) === sum(taxes.map(({ taxJpy }) => taxJpy)) &&
            parts.every(({ subtotalJpy, taxJpy, totalJpy }) => totalJpy === subtotalJpy + taxJpy)
          );
        }),
        { numRuns: RUNS },
      );
    },
    TIME_MS,
  );
});

const KEY = fc.oneof(fc.string(), fc.constantFrom('a10', 'a9', 'é', '\u{20ac}', '\u{1f600}', '\ufb33'));
const anyDocument = fc.dictionary(
  KEY.filter((key) => !(key in Object.prototype) && !/^\d+$/.test(key)),
  fc.oneof(fc.string(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null)),
);

describe('the canonical text', () => {
  it(
    'is that of RFC 8785, whatever order a document was built in',
    () => {
      fc.assert(
        fc.property(fc.array(anyDocument), (documents) => {
          const reversed = documents.map((one) => Object.fromEntries(Object.entries(one).reverse()));
          expect(canonicalText({ nested: reversed })).toBe(canonicalize({ nested: documents }));
        }),
        { numRuns: propertyRuns(100) },
      );
    },
    TIME_MS,
  );

  it('is refused to a document with a key that every object inherits, or orders by itself', () => {
    for (const key of ['__proto__', 'constructor', 'toString', '10', '9'])
      expect(() => canonicalText({ nested: [JSON.parse(`{"${key}":1}`)] })).toThrow(TypeError);
  });
});
