import { z } from 'zod';

/** Tokens a month. */
export const limitTokens = z.int().min(0).max(1_000_000_000_000);

/** Whole per cent of a limit, each once, in rising order. */
export const noticePercents = z
  .array(z.int().min(1).max(100))
  .max(5)
  .refine((percents) => percents.every((percent, index) => index === 0 || percent > percents[index - 1]!), {
    message: '小さい順に、重複なく指定してください。',
  });
