export const CORRECTIONS_KEY = ['usage-corrections'] as const;

/** What of a call can be corrected. */
export const CORRECTION_KINDS = [
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'inputCharacters',
  'outputCharacters',
] as const;
