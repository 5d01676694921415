import { Decimal } from 'decimal.js';
import type { ContractTerms } from '../charge.ts';

/** Terms as the database has them, of a plan or of a contract. */
export interface TermsRow {
  readonly validFrom: string;
  readonly baseFeeJpy: number;
  readonly unit: ContractTerms['unit'];
  readonly countsInput: boolean;
  readonly countsOutput: boolean;
  readonly countsCache: boolean;
  readonly includedUnits: number;
  readonly pricing: ContractTerms['beyond']['pricing'];
  readonly unitPriceJpy: string | null;
  readonly markup: string | null;
  readonly fixedJpyPerUsd: string | null;
}

const AGREED = `t.base_fee_jpy::float8 AS "baseFeeJpy", t.unit,
  t.counts_input AS "countsInput", t.counts_output AS "countsOutput", t.counts_cache AS "countsCache",
  t.included_units::float8 AS "includedUnits", t.pricing, t.unit_price_jpy::text AS "unitPriceJpy",
  t.markup::text AS markup, t.fixed_jpy_per_usd::text AS "fixedJpyPerUsd"`;

/** Columns of a {@link TermsRow} from a contract's terms named `t`. */
export const TERMS_COLUMNS = `t.valid_from::text AS "validFrom", ${AGREED}`;

/** What was agreed, from a plan or contract terms named `t`. */
export const PLAN_COLUMNS = AGREED;

/** The columns of a plan or of contract terms that say what was agreed, in the order of {@link agreedValues}. */
export const AGREED_COLUMNS = `base_fee_jpy, unit, counts_input, counts_output, counts_cache, included_units, pricing,
  unit_price_jpy, markup, fixed_jpy_per_usd`;

export type AgreedTerms = Omit<ContractTerms, 'validFrom'>;

export function agreedFrom(row: Omit<TermsRow, 'validFrom'>): AgreedTerms {
  const { baseFeeJpy, unit, countsInput, countsOutput, countsCache, includedUnits } = row;
  return {
    baseFeeJpy,
    unit,
    countsInput,
    countsOutput,
    countsCache,
    includedUnits,
    beyond:
      row.pricing === 'unit_price'
        ? { pricing: row.pricing, unitPriceJpy: new Decimal(row.unitPriceJpy!) }
        : {
            pricing: row.pricing,
            markup: new Decimal(row.markup!),
            fixedJpyPerUsd: row.fixedJpyPerUsd === null ? null : new Decimal(row.fixedJpyPerUsd),
          },
  };
}

export const termsFrom = (row: TermsRow): ContractTerms => ({ validFrom: row.validFrom, ...agreedFrom(row) });

/** Values for {@link AGREED_COLUMNS}. */
export const agreedValues = ({ beyond, ...terms }: AgreedTerms): unknown[] => [
  terms.baseFeeJpy,
  terms.unit,
  terms.countsInput,
  terms.countsOutput,
  terms.countsCache,
  terms.includedUnits,
  beyond.pricing,
  beyond.pricing === 'unit_price' ? beyond.unitPriceJpy.toFixed() : null,
  beyond.pricing === 'cost_plus' ? beyond.markup.toFixed() : null,
  beyond.pricing === 'cost_plus' ? (beyond.fixedJpyPerUsd?.toFixed() ?? null) : null,
];
