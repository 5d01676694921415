import { z } from 'zod';
import type { AgreedTerms, Proposed } from '#libs/billing';
import { ExactDecimal } from '#libs/pricing';
import { instant, instantOrNull, instantSchema } from './wire.ts';

/** An exact number, which JSON has not: so many digits before and after the point. */
const decimalText = (whole: number, fraction: number) =>
  z.string().regex(new RegExp(`^\\d{1,${whole}}(?:\\.\\d{1,${fraction}})?$`));

const positiveText = (whole: number, fraction: number) =>
  decimalText(whole, fraction).refine((text) => Number(text) > 0, '0より大きい数を指定してください。');

/** Whole yen a month. */
export const monthlyYen = z.int().min(0).max(100_000_000_000);
export const fiscalYearSchema = z.coerce.number().int().min(2020).max(2099);
export const councilWeight = positiveText(10, 4);

/** What is agreed to be paid: a base fee with units in it, and what lies beyond. */
export const agreedTerms = z
  .strictObject({
    baseFeeJpy: monthlyYen,
    unit: z.enum(['tokens', 'characters']),
    countsInput: z.boolean(),
    countsOutput: z.boolean(),
    /** The provider's prompt cache; characters know none. */
    countsCache: z.boolean(),
    /** A month. */
    includedUnits: z.int().min(0).max(1_000_000_000_000_000),
    beyond: z.discriminatedUnion('pricing', [
      z.strictObject({
        pricing: z.literal('unit_price'),
        /** For each 1,000,000 units. */
        unitPriceJpy: decimalText(10, 4),
      }),
      z.strictObject({
        pricing: z.literal('cost_plus'),
        /** 0.15 is 15 % on the cost. */
        markup: decimalText(2, 4),
        fixedJpyPerUsd: positiveText(6, 6).nullable(),
      }),
    ]),
  })
  .refine((terms) => terms.countsInput || terms.countsOutput || terms.countsCache, {
    path: ['countsInput'],
    message: '数える対象を一つ以上選んでください。',
  })
  .refine((terms) => !terms.countsCache || terms.unit === 'tokens', {
    path: ['countsCache'],
    message: '文字数の契約では、キャッシュを数えられません。',
  })
  .meta({ id: 'AgreedTerms' });

export function readTerms({ beyond, ...terms }: z.infer<typeof agreedTerms>): AgreedTerms {
  if (beyond.pricing === 'unit_price')
    return { ...terms, beyond: { pricing: beyond.pricing, unitPriceJpy: new ExactDecimal(beyond.unitPriceJpy) } };
  const { pricing, markup, fixedJpyPerUsd } = beyond;
  const rate = fixedJpyPerUsd === null ? null : new ExactDecimal(fixedJpyPerUsd);
  return { ...terms, beyond: { pricing, markup: new ExactDecimal(markup), fixedJpyPerUsd: rate } };
}

export const presentTerms = ({ beyond, ...terms }: AgreedTerms): z.infer<typeof agreedTerms> => ({
  ...terms,
  beyond:
    beyond.pricing === 'unit_price'
      ? { pricing: beyond.pricing, unitPriceJpy: beyond.unitPriceJpy.toFixed() }
      : {
          pricing: beyond.pricing,
          markup: beyond.markup.toFixed(),
          fixedJpyPerUsd: beyond.fixedJpyPerUsd?.toFixed() ?? null,
        },
});

export const person = z.object({ id: z.uuid(), name: z.string() });

/** Who proposed it and who approved it: never the same person. */
export const proposed = {
  proposedBy: person,
  proposedAt: instantSchema,
  approvedBy: person.nullable(),
  approvedAt: instantSchema.nullable(),
};

export const presentProposed = ({ proposedBy, proposedAt, approvedBy, approvedAt }: Proposed) => ({
  proposedBy,
  proposedAt: instant(proposedAt),
  approvedBy,
  approvedAt: instantOrNull(approvedAt),
});

export const cityReference = z.object({ id: z.uuid(), code: z.string(), name: z.string() });
