import { describe, expect, it } from 'vitest';
import { DomainError } from '#libs/kernel';
import { guardPrompt } from './guard-prompt.ts';

const NUMBER = '123456789018';
const at = (index: number, text: string) => ({ pointer: `/messages/${index}/content`, text });

function refusal(...texts: { pointer: string; text: string }[]): DomainError {
  try {
    guardPrompt({ segment: 'lgwan', texts });
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('was let through');
}

describe('guardPrompt', () => {
  it('refuses a 個人番号 outside the My Number segment and tells what, where and what to do', () => {
    const error = refusal(at(0, '要約してください'), at(1, `一行目\n個人番号は ${NUMBER} です`));
    expect(error.code).toBe('GUARD.MY_NUMBER_FOUND');
    expect(error.detail).toMatch(/1か所.*受け付けませんでした.*削除.*個人番号利用事務系/);
    expect(error.faults).toEqual([
      {
        pointer: '/messages/1/content',
        message: '2行目に個人番号とみられる12桁の数字があります：「個人番号は ●●●●●●●●●●●● です」',
      },
    ]);
  });

  it.each(['lgwan', 'internet'] as const)('refuses in %s', (segment) => {
    expect(() => guardPrompt({ segment, texts: [at(0, NUMBER)] })).toThrow('GUARD.MY_NUMBER_FOUND');
  });

  it('lets a 個人番号 through in the My Number segment', () => {
    expect(() => guardPrompt({ segment: 'my_number', texts: [at(0, NUMBER)] })).not.toThrow();
  });

  it('lets ordinary text through', () => {
    const text = '令和8年度予算 148,523,456千円。電話 0742-34-1111、法人番号 7000012050002。';
    expect(() => guardPrompt({ segment: 'lgwan', texts: [at(0, text)] })).not.toThrow();
  });

  it('words a suspicion as one, so that staff can tell a mistyped number from a detector that is wrong', () => {
    expect(refusal(at(0, 'マイナンバー：123456789012')).faults[0]!.message).toContain('可能性がある');
  });

  it('shows both ends of a number split over two messages', () => {
    const { faults } = refusal(at(0, '番号は 1234-5678'), at(1, '-9018 です'));
    expect(faults.map(({ pointer }) => pointer)).toEqual(['/messages/0/content', '/messages/1/content']);
    expect(faults[0]!.message).toContain('「番号は ●●●●●●●●」');
    expect(faults[1]!.message).toContain('「-●●●● です」');
  });

  it('carries no digit of the number in anything that can be printed', () => {
    const error = refusal(at(0, `番号 ${NUMBER}、${NUMBER}`), at(1, '１２３４　５６７８　９０１８'));
    const printed = JSON.stringify(error, Object.getOwnPropertyNames(error)) + JSON.stringify(error.faults);
    expect(printed.normalize('NFKC')).not.toMatch(/1234|5678|9018/);
  });

  it('names a bounded number of places however long the list is', () => {
    const error = refusal(at(0, `${NUMBER}\n\n`.repeat(1_000).replaceAll('\n\n', 'と')));
    expect(error.detail).toContain('1000か所');
    expect(error.faults).toHaveLength(20);
  });
});
