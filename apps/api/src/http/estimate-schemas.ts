import { Decimal } from 'decimal.js';
import { z } from 'zod';
import type { EstimateView, Trial, WhatIf } from '#libs/billing';
import { DomainError } from '#libs/kernel';
import { daySchema } from './wire.ts';

const TRIAL_DAYS_MAX = 400;
const DAY_MS = 86_400_000;
const PERCENT = 100;

const percent = (min: number, max: number, usual: number) => z.coerce.number().min(min).max(max).default(usual);

/** `model:percent` pairs, comma separated, adding up to 100. */
const mix = z
  .string()
  .max(1_000)
  .regex(/^[^,:]+:\d{1,3}(?:\.\d)?(?:,[^,:]+:\d{1,3}(?:\.\d)?)*$/)
  .transform((text) => new Map(text.split(',').map((pair) => [pair.split(':')[0]!, Number(pair.split(':')[1])])))
  .refine((shares) => Math.abs([...shares.values()].reduce((sum, share) => sum + share, 0) - PERCENT) < 0.05, {
    message: 'モデルの割合の合計を100%にしてください。',
  });

export const estimateQuery = z
  .strictObject({
    from: daySchema,
    to: daySchema,
    usersPercent: percent(0, 10_000, PERCENT),
    growthPercent: percent(-99, 1_000, 0),
    jpyPerUsd: z
      .string()
      .regex(/^[1-9]\d{0,3}(?:\.\d{1,6})?$/)
      .optional(),
    mix: mix.optional(),
  })
  .refine(({ from, to }) => from <= to, { path: ['to'], message: '開始日より前の日は指定できません。' })
  .refine(({ from, to }) => (Date.parse(to) - Date.parse(from)) / DAY_MS < TRIAL_DAYS_MAX, {
    path: ['from'],
    message: '期間は400日以内にしてください。',
  });

export type EstimateQuery = z.infer<typeof estimateQuery>;

/** @throws DomainError REQUEST.INVALID for a trial that is not over */
export function trialOf({ from, to }: EstimateQuery, today: string): Trial {
  if (to < today) return { from, to };
  const faults = [{ pointer: '/to', message: '昨日までの日を指定してください。' }];
  throw new DomainError('REQUEST.INVALID', { faults });
}

export const whatIfOf = ({ usersPercent, growthPercent, jpyPerUsd, mix: shares }: EstimateQuery): WhatIf => ({
  usersPercent,
  growthPercent,
  mix: shares ?? null,
  jpyPerUsd: jpyPerUsd === undefined ? null : new Decimal(jpyPerUsd),
});

const likely = z.object({ p50: z.number(), p90: z.number() });

export const budgetEstimate = z
  .object({
    city: z.object({ code: z.string(), name: z.string() }),
    from: daySchema,
    to: daySchema,
    fiscalYear: z.int(),
    trialUsers: z.int().nullable(),
    trialTokens: z.number(),
    trialMix: z.array(z.object({ model: z.string(), percent: z.number() })),
    pricedModels: z.array(z.string()),
    todaysRate: z.string().nullable(),
    tokens: likely,
    rows: z.array(
      z
        .object({
          departmentId: z.uuid().nullable(),
          department: z.string().nullable(),
          purpose: z.string().nullable(),
          tokens: likely,
          /** Before tax, whole yen. */
          feeJpy: likely.nullable(),
        })
        .meta({ id: 'BudgetEstimateRow' }),
    ),
    fee: z.object({ beforeTaxJpy: likely, withTaxJpy: likely }).nullable(),
    unpriced: z.array(z.string()),
    sensitivity: z.array(z.object({ jpyPerUsd: z.string(), withTaxJpy: likely })),
  })
  .meta({ id: 'BudgetEstimate' });

export const presentEstimate = (trial: Trial, estimate: EstimateView): z.infer<typeof budgetEstimate> => ({
  ...trial,
  ...estimate,
  trialMix: [...estimate.trialMix],
  rows: [...estimate.rows],
  pricedModels: [...estimate.pricedModels],
  unpriced: [...estimate.unpriced],
  sensitivity: [...estimate.sensitivity],
});
