import { z } from 'zod';
import { type JstMonth, SEGMENTS, type TenantId } from '#libs/kernel';

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

/** A month to close, for whichever worker is free. */
export const BILLING_CLOSE = {
  name: 'billing.close',
  payload: z.object({ month: z.string().regex(/^\d{4}-\d{2}$/), delivery: z.int().min(0) }),
  deliveryId: ({ month, delivery }) => `${month}-${delivery}`,
} satisfies QueueContract<{ month: JstMonth; delivery: number }>;

/** A month's invoices to print, for whichever worker is free. */
export const INVOICE_ARCHIVES = {
  name: 'billing.archives',
  payload: z.object({ archiveId: z.uuid(), delivery: z.int().positive() }),
  deliveryId: ({ archiveId, delivery }) => `${archiveId}-${delivery}`,
} satisfies QueueContract<{ archiveId: string; delivery: number }>;

/** An export to write, for whichever worker is free. */
export const EXPORTS_RUN = {
  name: 'exports.run',
  payload: z.object({ tenantId, segment: z.enum(SEGMENTS), exportId: z.uuid(), delivery: z.int().min(0) }),
  deliveryId: ({ exportId, delivery }) => `${exportId}-${delivery}`,
} satisfies QueueContract<{
  tenantId: TenantId;
  segment: (typeof SEGMENTS)[number];
  exportId: string;
  delivery: number;
}>;

/** A step of a city that leaves, for whichever worker is free. */
export const EXITS_RUN = {
  name: 'exits.run',
  payload: z.object({ tenantId, exitId: z.uuid(), delivery: z.int().min(0) }),
  deliveryId: ({ exitId, delivery }) => `${exitId}-${delivery}`,
} satisfies QueueContract<{ tenantId: TenantId; exitId: string; delivery: number }>;

/** A mail to send, for whichever worker is free. Handed over again, it is a new delivery. */
export const MAILS_SEND = {
  name: 'mails.send',
  payload: z.object({ tenantId, mailId: z.uuid(), delivery: z.int().positive() }),
  deliveryId: ({ mailId, delivery }) => `${mailId}-${delivery}`,
} satisfies QueueContract<{ tenantId: TenantId; mailId: string; delivery: number }>;

export type MailDelivery = z.output<typeof MAILS_SEND.payload>;

/** Every queue there is; a test proves that each has exactly one processor. */
export const QUEUES = [JOBS_RUN, BILLING_CLOSE, INVOICE_ARCHIVES, EXPORTS_RUN, EXITS_RUN, MAILS_SEND] as const;
