import { z } from 'zod';
import type { SealedPlace } from '#libs/database';

/** Reader to worker: send me this answer from here on (again after a gap), or no longer. */
export const readerMessage = z.union([
  z.object({ attach: z.uuid(), fence: z.int().nonnegative(), offset: z.int().nonnegative() }),
  z.object({ detach: z.uuid() }),
]);
export type ReaderMessage = z.output<typeof readerMessage>;

/** Worker to reader: a piece of an answer, sealed under the city's key (design law 4), or its end. */
export type AnswerFrame =
  | { readonly job: string; readonly fence: number; readonly offset: number; readonly sealed: string }
  | { readonly job: string; readonly ended: true };

/** Binds a frame to its place, so that a frame put elsewhere in the answer does not open. */
export const framePlace = (job: string, fence: number, offset: number): SealedPlace => ({
  rowId: job,
  column: `delta.${fence}.${offset}`,
});
