/** How many of ten characters of a Japanese text are of the usual ones, at least. */
const USUAL_OF_TEN = 9;

/** Half-width katakana, where the marks for voiced sounds stand only behind the sounds that have one. */
const NO_KATAKANA = /[^\0-\x7fｦ-ﾟ]|(?<![ｳｶ-ﾄﾊ-ﾎ])ﾞ|(?<![ﾊ-ﾎ])ﾟ/;

/**
 * Whether bytes that are no UTF-8 are a text in EUC-JP. Many short ones can be read as Shift_JIS too, and become half-width
 * katakana among rare characters. A text that becomes nothing but such katakana is more likely to have been written with them.
 */
export function isEucJp(bytes: Uint8Array, asShiftJis: string | null): boolean {
  const share = usualShareOf(bytes);
  return share !== null && share * 10 >= USUAL_OF_TEN && (asShiftJis === null || NO_KATAKANA.test(asShiftJis));
}

/** How much of an EUC-JP text are signs, kana and the kanji of daily use (level 1); null where it is none. */
function usualShareOf(bytes: Uint8Array): number | null {
  let usual = 0;
  let all = 0;
  for (let at = 0; at < bytes.length; all += 1) {
    const first = bytes[at]!;
    if (first < 0x80) {
      at += 1;
      all -= 1;
      continue;
    }
    const width = first === 0x8f ? 3 : 2;
    for (let next = 1; next < width; next += 1) if (!isHigh(bytes[at + next])) return null;
    if (first !== 0x8e && first !== 0x8f && !isHigh(first)) return null;
    if (first <= 0xa5 ? first >= 0xa1 : first >= 0xb0 && first <= 0xcf) usual += 1;
    at += width;
  }
  return all > 0 ? usual / all : null;
}

const isHigh = (byte: number | undefined): boolean => byte !== undefined && byte >= 0xa1 && byte <= 0xfe;
