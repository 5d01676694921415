import { keywordsOf, plain, sentencesOf, shorten } from './japanese-text.ts';

/** For a request of no known form: what was understood, and what a person would want to settle first. */
export function outline(text: string): string {
  const keywords = keywordsOf(text, 4);
  const subject = keywords[0] ?? 'この件';
  const points = sentencesOf(text).slice(0, 4);
  return [
    '## 受け取った内容',
    '',
    ...points.map((point) => `- ${shorten(plain(point), 100)}`),
    '',
    ...(keywords.length > 0 ? [`**主な語**：${keywords.join('、')}`, ''] : []),
    '## 確認するとよい点',
    '',
    `1. ${subject}の対象と期限`,
    `2. ${subject}の根拠となる法令・例規・要綱`,
    '3. 決裁者と関係する課',
    '',
    '「要約」「文案」「一覧」「手順」のいずれかを添えると、その形でお答えします。',
  ].join('\n');
}
