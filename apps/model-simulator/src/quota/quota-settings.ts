import { z } from 'zod';

const perMinute = z.number().positive().max(1e12);

const quota = z.strictObject({
  /** Left out: no such limit. */
  requestsPerMinute: perMinute.optional(),
  tokensPerMinute: perMinute.optional(),
  /** Quota tokens that one output token burns. */
  outputBurnDown: z.number().positive().max(100).default(1),
  /** How much of the quota may be taken at once: what refills in this time. */
  windowMs: z.int().min(1).max(3_600_000).default(60_000),
});

/** A region and the model's id there, which may hold slashes of its own. */
const key = z.string().regex(/^[a-z0-9-]+\/.+$/);
const byKey = <Value extends z.ZodType>(value: Value) =>
  z.record(key, value, {
    error: ({ code }) => (code === 'invalid_key' ? 'The key is not "<region>/<modelId>"' : undefined),
  });

/** What a PUT sets: the quotas by "<region>/<modelId>". Whatever is not named has none. */
export const quotasSchema = byKey(quota);

/** What a PATCH scales: a factor of what was set, so that 1 restores it. */
export const scalesSchema = byKey(z.strictObject({ factor: z.number().positive().max(1_000) }));

export type Quota = z.output<typeof quota>;
export type QuotasInput = z.input<typeof quotasSchema>;

export const quotaKey = (region: string, modelId: string): string => `${region}/${modelId}`;
