import type { TokenUsage } from './model-provider.ts';

/**
 * What a finished call has taken from its deployment's tokens per minute: input and cache writes as they are, output times
 * the model's burn-down, cache reads not at all (Amazon Bedrock user guide, "How tokens are counted in Amazon Bedrock").
 * It differs from what is billed. Whole, because quotas are.
 */
export const burnedQuotaTokens = (
  { inputTokens, outputTokens, cacheWriteTokens }: TokenUsage,
  outputBurnDown: number,
): number => Math.ceil(inputTokens + cacheWriteTokens + outputTokens * outputBurnDown);
