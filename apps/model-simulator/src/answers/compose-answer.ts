import type { Prompt } from '../tokenizer.ts';
import { draftLetter } from './draft-letter.ts';
import { type Assignment, assignmentOf } from './japanese-text.ts';
import { listItems } from './list-items.ts';
import { outline } from './outline.ts';
import { summarise } from './summarise.ts';

/** Stands first, so that an answer cut by its token limit still says what gave it. */
const NOTICE = '> 【模擬モデル】言語モデルではなく、定めた規則による回答です。';

const LONG_CHARACTERS = 400;
/** Words that send the reader back to the conversation instead of bringing material. */
const POINTS_BACK = /(上記|先ほど|前の|さきほど|これまで|会話)/u;

/**
 * The simulator's answer: a function of the prompt alone, so the same prompt always gets the same answer.
 * The form follows the first of these that the request names: summary, letter, list; a long text is summarised.
 */
export function composeAnswer({ messages }: Prompt): string {
  const last = messages.findLast(({ role }) => role === 'user')?.text ?? '';
  const assignment = assignmentOf(last);
  const earlier = messages.slice(0, -1).map(({ text }) => text.replace(NOTICE, '').trim());
  const pointsBack = assignment.material === '' && POINTS_BACK.test(last);
  return `${NOTICE}\n\n${inForm(pointsBack ? { ...assignment, material: earlier.join('\n') } : assignment, last)}\n`;
}

function inForm(assignment: Assignment, whole: string): string {
  const { instruction, material } = assignment;
  if (/要約|要点|まとめ|サマリ|概要|summar/iu.test(instruction)) return summarise(material || whole);
  if (/文案|文面|通知文|案内文|依頼文|起案文|draft/iu.test(instruction)) return draftLetter(assignment);
  if (/一覧|箇条書き|手順|表に|表形式|リスト|list/iu.test(instruction)) return listItems(assignment);
  if (/通知|案内|お知らせ|起案|お詫び/u.test(instruction)) return draftLetter(assignment);
  return [...whole].length > LONG_CHARACTERS ? summarise(material || whole) : outline(whole);
}
