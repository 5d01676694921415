import { describe, expect, it } from 'vitest';
import { beginningOf } from './beginning-of.ts';

describe('the beginning of an answer in a table', () => {
  it('has the words and none of the marks', () => {
    const answer =
      '## 要点\n\n- **締切**は11月30日\n- `申請書`を出す\n\n| 項目 | 内容 |\n| --- | --- |\n| 料金 | 500円 |';
    expect(beginningOf(answer, 80)).toBe('要点 締切は11月30日 申請書を出す 項目 内容 料金 500円');
  });

  it('keeps what only looks like a mark', () => {
    expect(beginningOf('#1の窓口は3 * 2で、file_nameは-5です', 80)).toBe('#1の窓口は3 * 2で、file_nameは-5です');
  });

  it('ends with an ellipsis where it was cut, never within a character', () => {
    expect(beginningOf('あいうえお', 3)).toBe('あいう…');
    expect(beginningOf('あ𠮷田', 2)).toBe('あ…');
  });
});
