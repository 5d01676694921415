import { keywordsOf, plain, sentencesOf, shorten, termsOf } from './japanese-text.ts';

/**
 * An extractive summary: the sentences that carry most of the text's own terms, in the order they stood. Opening and
 * closing sentences weigh a little more, because official writing puts its point there.
 */
export function summarise(material: string): string {
  const sentences = sentencesOf(material);
  const weights = termsOf(material);
  const wanted = Math.min(6, Math.max(3, Math.ceil(sentences.length / 4)));
  const chosen = sentences
    .map((sentence, place) => ({ sentence, place, score: scoreOf(sentence, place, sentences.length, weights) }))
    .toSorted((a, b) => b.score - a.score || a.place - b.place)
    .slice(0, wanted)
    .toSorted((a, b) => a.place - b.place);
  const keywords = keywordsOf(material, 5);
  return [
    '## 要約',
    '',
    ...chosen.map(({ sentence }) => `- ${shorten(plain(sentence), 140)}`),
    '',
    ...(keywords.length > 0 ? [`**主な語**：${keywords.join('、')}`, ''] : []),
    `（原文 ${[...material].length} 文字・${sentences.length} 文から ${chosen.length} 文を抜き出しました。）`,
  ].join('\n');
}

function scoreOf(sentence: string, place: number, total: number, weights: Map<string, number>): number {
  let score = 0;
  for (const term of termsOf(sentence).keys()) score += weights.get(term) ?? 0;
  const edge = place === 0 || place === total - 1 ? 1.3 : 1;
  // By the root of its length, a long sentence is not best merely for being long.
  return (score * edge) / Math.sqrt([...sentence].length);
}
