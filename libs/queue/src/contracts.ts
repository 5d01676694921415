import { z } from 'zod';
import { SEGMENTS, type TenantId } from '#libs/kernel';

/** What producer and consumer of one queue agree on. Payloads carry ids, never content (design law 1). */
export interface QueueContract<Payload> {
  readonly name: string;
  readonly payload: z.ZodType<Payload>;
  /** Id of one delivery. The queue drops a second add with the same id. No colon, not all digits (BullMQ). */
  readonly deliveryId: (payload: Payload) => string;
}

const tenantId = z.uuid().transform((value) => value as TenantId);

/** An admitted job, handed to whichever worker is free. */
export const JOBS_RUN = {
  name: 'jobs.run',
  payload: z.object({ tenantId, segment: z.enum(SEGMENTS), jobId: z.uuid(), delivery: z.int().positive() }),
  // A redelivery after a lost worker must not be swallowed as a duplicate of the first.
  deliveryId: ({ jobId, delivery }) => `${jobId}-${delivery}`,
} satisfies QueueContract<{ tenantId: TenantId; segment: (typeof SEGMENTS)[number]; jobId: string; delivery: number }>;

export type RunDelivery = z.output<typeof JOBS_RUN.payload>;

/** Every queue there is; a test proves that each has exactly one processor. */
export const QUEUES = [JOBS_RUN] as const;
