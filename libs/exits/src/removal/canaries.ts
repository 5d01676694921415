import { createHash } from 'node:crypto';

/** Somebody of a city that leaves, as its register of members knows them. */
export interface Person {
  readonly id: string;
  readonly loginId: string;
  readonly displayName: string;
  readonly mailAddress: string | null;
}

/** Words of a text that together may be one name. */
const LONGEST_NAME_WORDS = 4;
const SHORTEST_NAME = 3;
const SHORTEST_IN_ONE_WORD = 4;
/** A post or a room is called so in every city. */
const POST = /[課係室局部長者員]$|担当$|窓口$/u;
const BETWEEN_WORDS = /[\s"'`{}[\]()<>=:;,、。・「」|\\/]+/u;
/** Names of columns and properties, and words before a name, that say that a person follows. */
const SAYS_PERSON = new Set(
  'login login_id login_id_key loginid member membername member_name display_name displayname ログインid 職員'.split(
    ' ',
  ),
);

/** As texts and names are compared: without width, case and what stands between words. */
const wordsOf = (text: string): string[] =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .split(BETWEEN_WORDS)
    .map((word) => word.replaceAll(/^\.+|\.+$/g, ''))
    .filter((word) => word.length > 0);

const digestOf = (salt: string, name: string): string => createHash('sha256').update(`${salt}/${name}`).digest('hex');
/** Of a name that tells something beside the city or where a person is named, and nothing elsewhere. */
const digestBeside = (salt: string, name: string): string => digestOf(salt, `person/${name}`);

/** Whether a name is somebody's wherever it stands: a login id is nobody's outside of its city, and 窓口 is everywhere. */
function isTelling(words: readonly string[]): boolean {
  const letters = words.join('').length;
  if (words.length > 1) return words.length <= LONGEST_NAME_WORDS && letters >= SHORTEST_NAME;
  const [word = ''] = words;
  return letters >= SHORTEST_IN_ONE_WORD && /\P{ASCII}/u.test(word) && !POST.test(word);
}

/**
 * What must be found nowhere once the city is removed, as hexadecimal digests. Ids, mail addresses and names of people are
 * looked for in every text; login ids, names of posts and short names only where they say whom they mean.
 * @param salt the exit's id
 */
export function canariesOf(salt: string, { id, loginId, displayName, mailAddress }: Person): string[] {
  const anywhere = [id, mailAddress ?? '', isTelling(wordsOf(displayName)) ? displayName : ''];
  const found = (names: readonly string[]) =>
    names.map((name) => wordsOf(name).join(' ')).filter((name) => name !== '');
  return [
    ...found(anywhere).map((name) => digestOf(salt, name)),
    ...found([loginId, displayName]).map((name) => digestBeside(salt, name)),
  ];
}

export interface Canaries {
  readonly salt: string;
  /** Hexadecimal. The names themselves are gone. */
  readonly digests: ReadonlySet<string>;
  readonly cityCode: string;
}

/** Whether a text names somebody of the city. @param column where it stands: that may say that it is a person's */
export function namesPerson(text: string, column: string, { salt, digests, cityCode }: Canaries): boolean {
  const words = [column, ...wordsOf(text)];
  for (let from = 1; from < words.length; from += 1) {
    const before = words[from - 1]!;
    const saysWhom = before === cityCode || SAYS_PERSON.has(before);
    for (let count = 1; count <= LONGEST_NAME_WORDS && from + count <= words.length; count += 1) {
      const name = words.slice(from, from + count).join(' ');
      if (digests.has(digestOf(salt, name)) || (saysWhom && digests.has(digestBeside(salt, name)))) return true;
    }
  }
  return false;
}

/** A text that was found, without it. */
export const digestOfText = (salt: string, text: string): string => digestOf(salt, `text/${text}`);

/** Which texts were found: another one, or one more, gives another hash. */
export function hashOfTexts(digests: readonly string[]): string {
  const hash = createHash('sha256');
  for (const digest of digests.toSorted()) hash.update(digest);
  return hash.digest('hex');
}
