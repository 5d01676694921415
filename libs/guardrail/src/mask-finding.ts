import { IGNORED, LINE_BREAK, PART_BREAK, SPACE, TAB, isDigit, kindOf } from './digit-characters.ts';
import { scanDigits } from './digit-groups.ts';
import type { NumberFinding } from './number-guard.ts';

const MASK = '●';
/** Characters of context on each side. */
const CONTEXT = 10;
/** Characters that only contain a digit, such as ½ or ㏠, and halves of a surrogate pair. */
const UNSAFE = /[\p{Nd}\p{Cs}]/u;

/**
 * An excerpt that shows people where a finding is: `個人番号は ●●●●●●●●●●●● です`. The context ends at the first digit of any
 * script and at the line's end, so that no excerpt holds a digit, of this number or of its neighbour.
 */
export function maskFinding(text: string, finding: NumberFinding): string {
  const count = scanDigits(text.slice(finding.start, finding.end)).digits.length;
  // Twice the units, because a character outside the BMP takes two.
  const before = Array.from(text.slice(Math.max(0, finding.start - 2 * CONTEXT), finding.start));
  const after = Array.from(text.slice(finding.end, finding.end + 2 * CONTEXT));
  return context(before.reverse()).reverse().join('') + MASK.repeat(count) + context(after).join('');
}

function context(characters: readonly string[]): string[] {
  const kept: string[] = [];
  for (const character of characters) {
    const kind = kindOf(character.codePointAt(0)!);
    if (
      isDigit(kind) ||
      UNSAFE.test(character.normalize('NFKC')) ||
      kind === LINE_BREAK ||
      kind === PART_BREAK ||
      kept.length === CONTEXT
    )
      break;
    if (kind === SPACE || kind === TAB) kept.push(' ');
    else if (kind !== IGNORED) kept.push(character);
  }
  return kept;
}
