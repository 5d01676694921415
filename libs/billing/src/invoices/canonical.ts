import { createHash } from 'node:crypto';

/**
 * The one text of a JSON value: keys sorted by their UTF-16 code units, no blanks, numbers and strings as JSON.stringify
 * writes them (RFC 8785). Equal documents have equal bytes, whatever order they were built in.
 */
export function canonicalText(value: object): string {
  // A list of keys is also the order in which JSON.stringify writes them
  return JSON.stringify(value, [...keysOf(value, new Set())].sort());
}

function keysOf(value: unknown, keys: Set<string>): Set<string> {
  if (Array.isArray(value)) for (const item of value) keysOf(item, keys);
  else if (typeof value === 'object' && value !== null)
    for (const [key, member] of Object.entries(value)) keysOf(member, keys.add(key));
  return keys;
}

/** SHA-256 of the UTF-8 bytes of a canonical text. */
export const hashOf = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();
