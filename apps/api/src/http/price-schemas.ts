import { z } from 'zod';
import { jstDayOf, jstDayRange } from '#libs/kernel';
import { type DatedRow, ExactDecimal, type TokenPrices } from '#libs/pricing';
import { daySchema, instant, instantOrNull, instantSchema } from './wire.ts';

/** An exact number, which JSON has not. Whether it can be a price is for the price book to say. */
export const decimalText = z.string().regex(/^-?\d{1,12}(?:\.\d{1,12})?$/);
export const readDecimal = (text: string) => new ExactDecimal(text);

export const currencySchema = z.enum(['USD', 'JPY']);

/** For each million tokens of a kind. */
export const tokenPrices = { input: z.string(), output: z.string(), cacheRead: z.string(), cacheWrite: z.string() };
const KINDS = ['input', 'output', 'cacheRead', 'cacheWrite'] as const;

/** @param factor what to multiply by: a rate, to say it in yen */
export const presentPrices = (prices: TokenPrices, factor = new ExactDecimal(1)) =>
  Object.fromEntries(KINDS.map((kind) => [kind, prices[kind].times(factor).toFixed()])) as Record<
    (typeof KINDS)[number],
    string
  >;

export const dayToInstant = (day: string): Date => jstDayRange(day, day).start;

const person = z.object({ id: z.uuid(), name: z.string() });

/** What a row of a book says of itself beside its figures. Days are JST; `validTo` is the day the next one begins. */
export const datedRow = {
  id: z.uuid(),
  validFrom: daySchema,
  validTo: daySchema.nullable(),
  source: z.string(),
  state: z.enum(['proposed', 'future', 'current', 'past', 'withdrawn']),
  proposedBy: person,
  proposedAt: instantSchema,
  approvedBy: person.nullable(),
  approvedAt: instantSchema.nullable(),
  withdrawnAt: instantSchema.nullable(),
};

export const sourceSchema = z.string().trim().min(1).max(500);

export const presentRow = (row: DatedRow) => ({
  id: row.id,
  validFrom: jstDayOf(row.validFrom),
  validTo: row.validTo && jstDayOf(row.validTo),
  source: row.source,
  state: row.state,
  proposedBy: row.proposedBy,
  proposedAt: instant(row.proposedAt),
  approvedBy: row.approvedBy,
  approvedAt: instantOrNull(row.approvedAt),
  withdrawnAt: instantOrNull(row.withdrawnAt),
});
