import { z } from 'zod';
import type { BilledCall } from '#libs/billing';
import { instant, instantSchema, pageOf, pageQuery } from './wire.ts';

export const callsQuery = pageQuery.extend({
  model: z.string().max(128).optional(),
  departmentId: z.uuid().optional(),
});

const billedCall = z
  .object({
    id: z.uuid(),
    /** The call that this corrects, by the amounts here; null for a call itself. */
    corrects: z.uuid().nullable(),
    acceptedAt: instantSchema,
    subjectType: z.string(),
    subjectId: z.uuid(),
    departmentName: z.string().nullable(),
    model: z.string(),
    inputTokens: z.int(),
    outputTokens: z.int(),
    cacheReadTokens: z.int(),
    cacheWriteTokens: z.int(),
    inputCharacters: z.int(),
    outputCharacters: z.int(),
    source: z.enum(['provider', 'estimated']),
    priceId: z.uuid(),
    fxRateId: z.uuid().nullable(),
    costJpy: z.string(),
  })
  .meta({ id: 'BilledCall' });
export const callPage = pageOf('BilledCallPage', billedCall);

export const presentCall = (call: BilledCall): z.infer<typeof billedCall> => ({
  ...call,
  acceptedAt: instant(call.acceptedAt),
});
