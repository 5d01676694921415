const WITHHELD = '[withheld]';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
// Ids, codes, addresses and route templates are one word of ASCII; a sentence is not.
const WORD = /^[\x21-\x7e]{1,200}$/;
// A My Number has 12 digits; no measure of ours is written as a text of that many.
const LONG_NUMBER = /\d(?:[-.]?\d){10,}/;
const LONG_NUMBERS = new RegExp(LONG_NUMBER.source, 'g');
const QUOTED = /"[^"]*"?|'[^']*'|`[^`]*`/g;
const MESSAGE_LENGTH = 300;
const CAUSES = 3;

/** The text itself when it is shaped like an id, a code or an address, otherwise the fact that there was one. */
export const idOrWithheld = (text: string): string =>
  UUID.test(text) || (WORD.test(text) && !LONG_NUMBER.test(text)) ? text : WITHHELD;

/** A program's own English sentence without the input that drivers and parsers like to quote in it. */
export const withoutContent = (message: string): string =>
  message
    .replace(QUOTED, '"…"')
    .replace(LONG_NUMBERS, '…')
    .replace(/[^\x20-\x7e…]+/g, '…')
    .slice(0, MESSAGE_LENGTH);

export interface ErrorFacts {
  readonly type: string;
  readonly code?: string;
  /** Set by PostgreSQL; names of the schema, never values. */
  readonly constraint?: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: ErrorFacts;
}

/** What may be logged of anything that was thrown. Fields that drivers add (query, parameters, body) are left behind. */
export function errorFacts(thrown: unknown, depth = CAUSES): ErrorFacts {
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: withoutContent(String(thrown)) };
  const { code, constraint } = thrown as { code?: unknown; constraint?: unknown };
  return {
    type: thrown.name,
    ...(typeof code === 'string' && { code: idOrWithheld(code) }),
    ...(typeof constraint === 'string' && { constraint: idOrWithheld(constraint) }),
    message: withoutContent(thrown.message),
    // The first lines repeat the message
    stack: thrown.stack
      ?.split('\n')
      .filter((line) => /^\s+at /.test(line))
      .join('\n'),
    ...(thrown.cause !== undefined && depth > 0 && { cause: errorFacts(thrown.cause, depth - 1) }),
  };
}
