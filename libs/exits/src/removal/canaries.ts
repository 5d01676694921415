import { createHash } from 'node:crypto';

/** Names that many texts may hold for other reasons tell nothing. */
const SHORTEST = 3;
/** Words of a text that together may be one name: 姓 名, or a name with a title between. */
const LONGEST_NAME_WORDS = 3;
const BETWEEN_WORDS = /[\s"'`{}[\]()<>:;,.、。・「」（）|\\/]+/u;

const normal = (text: string): string => text.normalize('NFKC').toLowerCase().trim();

/** The digest of a name in SQL; `salt` is the id of the exit. The same bytes as {@link digestOf}. */
export const canarySql = (column: string, salt: string): string =>
  `sha256(convert_to(${salt}::text || '/' || regexp_replace(lower(normalize(${column}, NFKC)), '\\s+', ' ', 'g'), 'UTF8'))`;

export const digestOf = (salt: string, name: string): string =>
  createHash('sha256')
    .update(`${salt}/${normal(name).replaceAll(/\s+/g, ' ')}`)
    .digest('hex');

/** Whether a text holds one of the names, whole or as words of it. The names are known by their digests alone. */
export function holdsName(text: string, salt: string, digests: ReadonlySet<string>): boolean {
  const words = normal(text)
    .split(BETWEEN_WORDS)
    .filter((word) => word.length > 0);
  const candidates = new Set([normal(text)]);
  for (let from = 0; from < words.length; from += 1)
    for (let count = 1; count <= LONGEST_NAME_WORDS && from + count <= words.length; count += 1)
      candidates.add(words.slice(from, from + count).join(' '));
  for (const candidate of candidates)
    if (candidate.length >= SHORTEST && digests.has(digestOf(salt, candidate))) return true;
  return false;
}
