import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerCursor } from './answer-cursor.ts';

/** What a reader holds after splicing a delta in. */
const splice = (held: string, delta: { offset: number; text: string } | null): string =>
  delta ? held.slice(0, delta.offset) + delta.text : held;

const pieces = fc.array(fc.string({ unit: 'binary', minLength: 1 }), { maxLength: 12 });

describe('AnswerCursor', () => {
  it('gives every reader the whole answer, whatever the pace and wherever it resumes', () => {
    fc.assert(
      fc.property(pieces, fc.nat(), fc.integer({ min: 1, max: 8 }), (written, at, largest) => {
        const answers = written.map((_, index) => written.slice(0, index + 1).join(''));
        const leaveAt = at % (answers.length + 1);
        let held = '';
        let token: string | undefined;
        const first = new AnswerCursor(undefined, largest);
        for (const answer of answers.slice(0, leaveAt)) {
          const delta = first.take(answer, false);
          held = splice(held, delta);
          token = delta?.resumeToken ?? token;
        }
        const second = new AnswerCursor(token, largest);
        for (const answer of answers.slice(leaveAt)) {
          const delta = second.take(answer, false);
          expect(delta?.offset ?? held.length).toBe(held.length);
          held = splice(held, delta);
        }
        for (let rest = second.take(written.join(''), true); rest; rest = second.take(written.join(''), true))
          held = splice(held, rest);
        expect(held).toBe(written.join(''));
      }),
    );
  });

  it('gives a reader who comes late a long answer in bounded pieces, no character cut in two', () => {
    const answer = '𠮷'.repeat(10);
    const cursor = new AnswerCursor(undefined, 3);
    const texts: string[] = [];
    for (let next = cursor.take(answer, true); next; next = cursor.take(answer, true))
      if (next.type === 'delta') texts.push(next.text);
    expect(texts).toEqual(Array.from({ length: 5 }, () => '𠮷𠮷'));
  });

  it('goes on without repeating when another execution writes the same words', () => {
    const cursor = new AnswerCursor();
    cursor.take('みなと野市の', false);
    cursor.restart();
    expect(cursor.take('みなと', false)).toBeNull();
    expect(cursor.take('みなと野市の公園', false)).toMatchObject({ offset: 6, text: '公園' });
  });

  it('starts again at 0 when another execution writes other words', () => {
    const cursor = new AnswerCursor();
    cursor.take('古い答え', false);
    cursor.restart();
    expect(cursor.take('新しい答え', false)).toMatchObject({ offset: 0, text: '新しい答え' });
  });

  it('takes back what a reader holds when the final answer is shorter', () => {
    const cursor = new AnswerCursor();
    cursor.take('途中まで書かれた答え', false);
    cursor.restart();
    expect(cursor.take('', true)).toMatchObject({ offset: 0, text: '' });
  });

  it.each(['', 'x', '99', '5.zzzzzzzzzzzzzzzz', '-1.0000000000000000'])(
    'reads from the start on the token %j',
    (token) => {
      expect(new AnswerCursor(token).take('答え', true)).toMatchObject({ offset: 0, text: '答え' });
    },
  );
});
