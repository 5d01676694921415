// Greedy and without lookahead, so that cutting after the n-th piece leaves a text of exactly n tokens.
const PIECE = / ?[A-Za-z0-9]{1,4}|[ \t]{1,4}|[\r\n]{1,2}|[^]/gu;

/**
 * Cuts a text into the simulator's tokens. The rule, for both protocols: four ASCII letters or digits (with the space
 * before them), four blanks, two line breaks, or any one other character make one token. So a Japanese character costs one
 * token, and no text costs more tokens than it has UTF-8 bytes. Joined, the pieces are the text.
 */
export const tokenize = (text: string): string[] => text.match(PIECE) ?? [];

/** Tokens of a text by the rule of {@link tokenize}. */
export const countTokens = (text: string): number => tokenize(text).length;

/** Marks around each message, and around the request: what chat templates cost in real models. */
const TOKENS_PER_MESSAGE = 4;
const TOKENS_PER_REQUEST = 3;

/** Tokens of a whole request: system texts and messages, each with its marks. */
export function countInputTokens(prompt: Prompt): number {
  const texts = [...prompt.system, ...prompt.messages.map(({ text }) => text)];
  return texts.reduce((sum, text) => sum + countTokens(text) + TOKENS_PER_MESSAGE, TOKENS_PER_REQUEST);
}

/** What was sent, whichever protocol it came by. */
export interface Prompt {
  readonly system: readonly string[];
  readonly messages: readonly { readonly role: 'user' | 'assistant'; readonly text: string }[];
}
