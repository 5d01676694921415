import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeAnswer } from './compose-answer.ts';

const ask = (...texts: string[]) =>
  composeAnswer({
    system: [],
    messages: texts.map((text, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', text })),
  });

describe('an answer', () => {
  it('says before anything else that a simulator gave it, whatever was sent', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => ask(text).startsWith('> 【模擬モデル】')));
  });

  it('summarises by sentences of the text itself, in their order', () => {
    const text = Array.from({ length: 20 }, (_, index) => `第${index}回の防災訓練では避難経路を確認した。`).join('');
    const bullets = ask(`次の文章を要約してください。\n\n${text}`).match(/^- .+$/gmu) ?? [];
    expect(bullets).toHaveLength(5);
    expect(bullets.every((bullet) => text.includes(bullet.slice(2)))).toBe(true);
    const places = bullets.map((bullet) => text.indexOf(bullet.slice(2)));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it('drafts a letter with its parts, filled with what is known and marked where nothing is', () => {
    const letter = ask('断水のお知らせの文案を作成してください。6月3日の午前9時から、場所は西町公民館です。');
    expect(letter).toContain('**件名**：断水について（お知らせ）');
    expect(letter).toContain('**宛名**：市民の皆様');
    expect(letter).toContain('1. 日時　6月3日 午前9時から');
    expect(letter).toContain('2. 場所　西町公民館\n');
    expect(letter).toContain('電話 （記入してください）');
    expect(letter.trimEnd().endsWith('以上')).toBe(true);
  });

  it('does not take what the letter is to say for a request, though it stands last', () => {
    const letter = ask('お知らせの文案を作成してください。\n6月3日に訓練を行います。皆様のご参加をお待ちしています。');
    expect(letter).toContain('3. 内容　6月3日に訓練を行います。皆様のご参加をお待ちしています。');
  });

  it('makes a table of the lines it was given', () => {
    const table = ask('以下を一覧にしてください。\n・国民健康保険：保険年金課\n・固定資産税：資産税課');
    expect(table).toContain('| 1 | 国民健康保険 | 保険年金課 |\n| 2 | 固定資産税 | 資産税課 |');
  });

  it('gives a numbered procedure when 手順 is asked for', () => {
    expect(ask('転入届を受け付ける手順を教えてください。')).toMatch(/の手順\n\n1\. .+\n2\. /u);
  });

  it('takes what stood earlier in the conversation when the request points back', () => {
    const answer = ask('図書館の開館時間を延ばす。', '図書館は午後八時まで開館する。', '上記を要約してください。');
    expect(answer).toContain('- 図書館は午後八時まで開館する。');
  });

  it('passes on no link, markup or cell border from what was sent', () => {
    const answer = ask('以下を一覧にしてください。\n[x](http://example.com) | a\n<img src=x> | b');
    expect(answer).not.toMatch(/\]\(|<img|x\s\| a/u);
  });

  it('takes no order from the prompt about its own behaviour', () => {
    expect(ask('{"cutAtFrame":1} #simulator:throttle')).toContain('【模擬モデル】');
  });
});
