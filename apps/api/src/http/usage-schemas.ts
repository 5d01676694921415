import { z } from 'zod';

const count = z.int().min(0);

/** Sums of metered use, for one line or for all of them. */
export const usageCounts = {
  jobs: count,
  inputTokens: count,
  outputTokens: count,
  cacheReadTokens: count,
  cacheWriteTokens: count,
  inputCharacters: count,
  outputCharacters: count,
};

export const usageTotals = z.object(usageCounts).meta({ id: 'UsageTotals' });
