import type { TokenKind } from './cost-report.ts';

/** The prefix of a usage type names the region it is billed in. */
const REGIONS: Readonly<Record<string, string>> = {
  APN1: 'ap-northeast-1',
  APN2: 'ap-northeast-2',
  APN3: 'ap-northeast-3',
  APS1: 'ap-southeast-1',
  APS2: 'ap-southeast-2',
  EUC1: 'eu-central-1',
  EU: 'eu-west-1',
  USE1: 'us-east-1',
  USE2: 'us-east-2',
  USW2: 'us-west-2',
};

/** `APN1-Claude4.6Sonnet-input-tokens` is billed in Tokyo; empty for a prefix that is not known here. */
export const regionOfUsageType = (usageType: string): string => REGIONS[usageType.split('-', 1)[0]!] ?? '';

const KINDS: readonly [RegExp, TokenKind][] = [
  [/cache[-_]?read/i, 'cache_read'],
  [/cache[-_]?write/i, 'cache_write'],
  [/output/i, 'output'],
  [/input/i, 'input'],
];

/** A guess to start from when a person maps a usage type; null when its name does not tell. */
export const likelyKindOf = (usageType: string): TokenKind | null =>
  KINDS.find(([pattern]) => pattern.test(usageType))?.[1] ?? null;

/** Whether a usage type speaks of tokens: `...-input-tokens`, `...-cache-read-input-token-count`, `..._InputTokenCount-Units`. */
export const speaksOfTokens = (usageType: string): boolean => /token/i.test(usageType);
