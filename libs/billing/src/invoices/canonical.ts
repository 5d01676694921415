import { createHash } from 'node:crypto';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * The one text of a JSON value: keys sorted by their UTF-16 code units, no blanks, numbers and strings as JSON.stringify
 * writes them (RFC 8785). Equal documents have equal bytes, whatever order they were built in.
 */
export function canonicalText(value: object): string {
  return write(value as Json);
}

function write(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(write).join(',')}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${write(member)}`).join(',')}}`;
}

/** SHA-256 of the UTF-8 bytes of a canonical text. */
export const hashOf = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();
