import type { Batch } from '#libs/api-client';

const WHILE_RUNNING_MS = 2_000;
/** What a lost call has used is looked up in the provider's log, which takes minutes. */
const WHILE_OWED_MS = 15_000;

/** Milliseconds after which a batch is asked for again, for as long as it can change by itself. */
export const askedAgainAfter = (batch: Pick<Batch, 'state' | 'isUsageFinal'> | undefined): number | false => {
  if (batch?.state === 'running') return WHILE_RUNNING_MS;
  return batch?.state === 'finished' && !batch.isUsageFinal && WHILE_OWED_MS;
};
