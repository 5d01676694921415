import { type DigitGroup, hasDigits, scanDigits } from './digit-groups.ts';
import { PART_BREAK_CHARACTER } from './digit-characters.ts';
import { findCandidates } from './number-candidates.ts';
import { isNamedBefore, readContext } from './number-context.ts';

const LENGTH = 12;

/**
 * `my_number`: twelve digits that stand by themselves with a valid check digit.
 * `suspected`: the words say 個人番号 but the check digit does not fit, or the digits fit and the words name something else.
 */
export type NumberKind = 'my_number' | 'suspected';

/** Where a number is. `[start, end)` in UTF-16 units of the text as given. Carries no digit. */
export interface NumberFinding {
  readonly kind: NumberKind;
  readonly start: number;
  readonly end: number;
}

/** One text of a request and its JSON pointer (RFC 6901). */
export interface TextPart {
  readonly pointer: string;
  readonly text: string;
}

export interface PartFinding extends NumberFinding {
  readonly pointer: string;
  /** The number goes on in a neighbouring part; each part it touches has a finding of its own. */
  readonly split: boolean;
}

interface Hit {
  readonly kind: NumberKind;
  readonly groups: readonly DigitGroup[];
}

/** Finds 個人番号 (My Numbers). Pure, linear in the text, at its quickest where there are fewer than twelve digits. */
export const NumberGuard = {
  /** Every finding in one text, in order. */
  inspect(text: string): NumberFinding[] {
    return findHits(text).map(({ kind, groups }) => ({ kind, ...span(groups) }));
  },

  /** Every finding in the texts of one request, in order, also of a number that goes on from one text to the next. */
  inspectAll(parts: readonly TextPart[]): PartFinding[] {
    const hits = findHits(parts.map((part) => part.text).join(PART_BREAK_CHARACTER));
    const findings: PartFinding[] = [];
    let index = 0;
    let offset = 0;
    for (const { kind, groups } of hits) {
      for (let at = 0; at < groups.length;) {
        while (groups[at]!.start >= offset + parts[index]!.text.length) offset += parts[index++]!.text.length + 1;
        const { pointer, text } = parts[index]!;
        const first = at;
        while (at < groups.length && groups[at]!.end <= offset + text.length) at++;
        const { start, end } = span(groups.slice(first, at));
        const split = at - first < groups.length;
        findings.push({ pointer, kind, start: start - offset, end: end - offset, split });
      }
    }
    return findings;
  },
} as const;

function findHits(text: string): Hit[] {
  if (!hasDigits(text, LENGTH)) return [];
  const scan = scanDigits(text);
  const hits: Hit[] = [];
  for (const { first, last, valid } of findCandidates(scan, (offset) => isNamedBefore(text, offset))) {
    const groups = scan.groups.slice(first, last + 1);
    const { start, end } = span(groups);
    const { raised, lowered } = readContext(text, start, end);
    if (lowered && (!raised || !valid)) continue;
    hits.push({ kind: valid && !lowered ? 'my_number' : 'suspected', groups });
  }
  return hits;
}

const span = (groups: readonly DigitGroup[]) => ({ start: groups[0]!.start, end: groups.at(-1)!.end });
