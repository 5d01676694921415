/** What is counted of usage: its column, and the name it goes by in documents and answers. */
export const USAGE_COUNTS = [
  ['input_tokens', 'inputTokens'],
  ['output_tokens', 'outputTokens'],
  ['cache_read_tokens', 'cacheReadTokens'],
  ['cache_write_tokens', 'cacheWriteTokens'],
  ['input_characters', 'inputCharacters'],
  ['output_characters', 'outputCharacters'],
] as const;
