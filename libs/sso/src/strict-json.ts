const STRING = /"(?:[^"\\]|\\.)*"(\s*:)?/g;

const keysIn = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 0;
  const below = Object.values(value).reduce<number>((sum, child) => sum + keysIn(child), 0);
  return below + (Array.isArray(value) ? 0 : Object.keys(value).length);
};

/**
 * Parses JSON in which no name stands twice: two readers could take different ones for it.
 * @throws SyntaxError
 */
export function parseStrictJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  const written = Array.from(text.matchAll(STRING)).filter(([, colon]) => colon !== undefined).length;
  if (written !== keysIn(value)) throw new SyntaxError('a name stands twice');
  return value;
}
