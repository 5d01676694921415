import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { create } from 'fontkit';

const { resolve } = createRequire(import.meta.url);
const read = (file: string): Buffer => readFileSync(resolve(`@expo-google-fonts/noto-sans-jp/${file}`));

/** Noto Sans JP, static instances: about 17,000 characters, among them what names of people and places need most. */
export const FONT_FILES = {
  'regular.ttf': read('400Regular/NotoSansJP_400Regular.ttf'),
  'bold.ttf': read('700Bold/NotoSansJP_700Bold.ttf'),
} as const;

/** 下駄: what Japanese printers have always set where a character was missing. */
export const GETA = '〓';

/** They choose between shapes of one character; the font has one shape. */
const VARIATION_SELECTORS = /[\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]/gu;
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
/** What offers no place to break a line, and would push a table off the page. */
const UNBROKEN = /[^\s\-\p{Ideographic}\p{Script=Hiragana}\p{Script=Katakana}]{18}(?=\S)/gu;

const font = create(FONT_FILES['regular.ttf']);

/** The text as the font can set it: a variant (異体字) in its common shape, a 外字 as 〓, broken where nothing else breaks it. */
export function printable(text: string): string {
  let set = '';
  for (const character of text.replace(VARIATION_SELECTORS, '').replace(INVISIBLE, ' '))
    set += font.hasGlyphForCodePoint(character.codePointAt(0) ?? 0) ? character : GETA;
  return set.replace(UNBROKEN, '$&\n');
}
