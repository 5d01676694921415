import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/**
 * The one text of a JSON value (RFC 8785): keys sorted by their UTF-16 code units, no blanks, numbers and strings as
 * JSON.stringify writes them. Equal documents have equal bytes, whatever order they were built in.
 */
export const canonicalText = (value: object): string => canonicalize(value)!;

/** SHA-256 of the UTF-8 bytes of a canonical text. */
export const hashOf = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();
