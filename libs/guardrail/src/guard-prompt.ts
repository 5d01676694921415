import { DomainError, type FieldFault, type Segment } from '#libs/kernel';
import { maskFinding } from './mask-finding.ts';
import { NumberGuard, type NumberKind, type PartFinding, type TextPart } from './number-guard.ts';

/** A pasted register can hold thousands; people need to see where it starts, not all of it. */
const FAULTS_SHOWN = 20;

export const FOUND: Record<NumberKind, string> = {
  my_number: '個人番号とみられる12桁の数字があります',
  suspected: '個人番号の可能性がある12桁の数字があります',
};

export interface Prompt {
  readonly segment: Segment;
  /** All texts of one request, in the order the model will read them. */
  readonly texts: readonly TextPart[];
}

/**
 * Refuses a 個人番号 outside the My Number segment. Call it before anything of the prompt is stored, queued or logged.
 * @throws DomainError GUARD.MY_NUMBER_FOUND. Its faults quote a few masked characters for the person who wrote the prompt:
 * they belong in that person's answer and nowhere else, neither in a log nor in the audit trail.
 */
export function guardPrompt({ segment, texts }: Prompt): void {
  if (segment === 'my_number') return;
  const findings = NumberGuard.inspectAll(texts);
  if (findings.length === 0) return;
  const sources = new Map(texts.map((part) => [part.pointer, part.text]));
  throw new DomainError('GUARD.MY_NUMBER_FOUND', {
    detail:
      `個人番号（マイナンバー）とみられる数字が${findings.length}か所にあるため、受け付けませんでした。` +
      'その数字を削除するか「（個人番号）」などの言葉に置き換えて、もう一度お試しください。' +
      '見本の番号も、言葉に置き換えてください。個人番号を使う事務は、個人番号利用事務系の端末で行ってください。',
    faults: findings.slice(0, FAULTS_SHOWN).map((finding) => faultOf(finding, sources.get(finding.pointer)!)),
  });
}

function faultOf(finding: PartFinding, text: string): FieldFault {
  const line = text.slice(0, finding.start).split(/\r\n|[\n\r\u2028\u2029]/).length;
  const split = finding.split ? '（前後の文章とつながっています）' : '';
  return {
    pointer: finding.pointer,
    message: `${line}行目に${FOUND[finding.kind]}${split}：「${maskFinding(text, finding)}」`,
  };
}
