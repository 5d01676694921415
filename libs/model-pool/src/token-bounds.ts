import type { TokenUsage } from './model-provider.ts';

/** What a provider may wrap around one message: role, turn marks. Seen: 3 to 8 tokens. */
const OVERHEAD_PER_MESSAGE = 16;
/** What a provider may put around the whole request, and the opening turn that Bedrock may need. */
const OVERHEAD_PER_REQUEST = 64;

interface Content {
  readonly content: string;
}

/**
 * Tokens that `messages` (system texts included) can cost at most, whatever the model: the amount to reserve.
 *
 * Every tokenizer in use falls back to bytes, so a token covers at least one byte of the text it reads. Some normalise
 * to NFKC first, which can lengthen it (㍿ becomes four characters), so the longer of the two forms counts.
 */
export function worstCaseInputTokens(messages: readonly Content[]): number {
  return messages.reduce(
    (sum, { content }) => sum + longestBytes(content) + OVERHEAD_PER_MESSAGE,
    OVERHEAD_PER_REQUEST,
  );
}

function longestBytes(text: string): number {
  return Math.max(Buffer.byteLength(text), Buffer.byteLength(text.normalize('NFKC')));
}

/** A fair guess of what `messages` will cost, for admission, where too much is as wrong as too little. */
export function estimateInputTokens(messages: readonly Content[]): number {
  return messages.reduce((sum, { content }) => sum + estimateTokens(content) + 4, 8);
}

// Three ASCII letters or digits with the space before them, or any one other character.
const UNIT = / ?[A-Za-z0-9]{1,3}|[^]/gu;

/**
 * Tokens of a text when nobody reports them: one for three ASCII letters or digits, one for every other character.
 * On the safe side (real tokenizers need about 0.7 to 1 for a Japanese character and one for four letters), yet never above
 * the text's UTF-8 bytes, so that an estimate always fits into what was reserved.
 */
export function estimateTokens(text: string): number {
  let count = 0;
  for (const _ of text.matchAll(UNIT)) count += 1;
  return count;
}

/** The usage to settle with when a provider never reported one: what was sent, and what was received until then. */
export function estimateUsage(sent: readonly Content[], received: string, maxTokens: number): TokenUsage {
  return {
    inputTokens: Math.min(estimateInputTokens(sent), worstCaseInputTokens(sent)),
    outputTokens: Math.min(estimateTokens(received), maxTokens),
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
  };
}
