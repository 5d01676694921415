import { z } from 'zod';
import { instantSchema } from './wire.ts';

/** What both planes tell of an opening of the urgent lane. */
export const urgentOpening = z.object({
  id: z.uuid(),
  reason: z.string(),
  openedAt: instantSchema,
  endsAt: instantSchema,
});
