import { z } from 'zod';
import type { ModelPool } from '#libs/model-pool';
import type { SegmentPolicy } from '#libs/tenancy';
import { changeOf, segmentSchema } from './wire.ts';

const MAX_ENTRIES = 100;

// One form for both families; what is the first address of its range, PostgreSQL decides.
const addressRange = z
  .string()
  .trim()
  .refine(
    (text) => [z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()].some((form) => form.safeParse(text).success),
    '「10.20.0.0/16」または「2001:db8::/48」の形で入力してください。',
  );

const fields = {
  open: z.boolean(),
  addressRanges: z.array(z.string()),
  models: z.array(z.string()).nullable(),
  attachments: z.boolean(),
  takeOut: z.object({ copy: z.boolean(), download: z.boolean(), export: z.boolean() }),
  retentionDays: z.int().nullable(),
  mfa: z.enum(['optional', 'required']),
};

export const segmentPolicy = z.object({ segment: segmentSchema, ...fields }).meta({ id: 'SegmentPolicy' });

const model = z.object({ id: z.string(), displayName: z.string() }).meta({ id: 'SegmentModel' });

export const segmentPolicyWithModels = segmentPolicy
  .extend({ availableModels: z.array(model) })
  .meta({ id: 'SegmentPolicyWithModels' });

export const segmentParams = z.strictObject({ segment: segmentSchema });

export const retentionDaysSchema = z.int().min(1).max(3_650);

/** Whichever switches are to change. `models`, `retentionDays`: null lifts the limit. */
export const changeSegmentPolicy = changeOf('ChangeSegmentPolicy', {
  ...fields,
  addressRanges: z.array(addressRange).max(MAX_ENTRIES),
  models: z.array(z.string().min(1).max(100)).min(1).max(MAX_ENTRIES).nullable(),
  takeOut: z.strictObject({ copy: z.boolean(), download: z.boolean(), export: z.boolean() }).partial(),
  retentionDays: retentionDaysSchema.nullable(),
});

/** With the models there are to choose from on its network. */
export const presentWithModels = (pool: ModelPool, policy: SegmentPolicy) => ({
  ...presentPolicy(policy),
  availableModels: pool.models(policy.segment).map(({ id, displayName }) => ({ id, displayName })),
});

export const presentPolicy = ({ addressRanges, models, takeOut, ...policy }: SegmentPolicy) => ({
  ...policy,
  addressRanges: [...addressRanges],
  models: models && [...models],
  takeOut: { ...takeOut },
});
