import { DomainError } from '#libs/kernel';
import { expect, it } from 'vitest';
import { PromptTemplate } from './prompt-template.ts';

const COLUMNS = ['氏名', '住所'];
const compose = (template: string, cells = ['山田', '東京']): string =>
  PromptTemplate.parse(template, COLUMNS).compose(cells);

it('each place gets the cell of its column, also twice', () => {
  expect(compose('{氏名}様（{住所}）\n{ 氏名 }様へ')).toBe('山田様（東京）\n山田様へ');
});

it('a cell is never read as a template', () => {
  expect(compose('{氏名}', ['{住所}', 'x'])).toBe('{住所}');
  expect(compose('{氏名}', ['$&$1', 'x'])).toBe('$&$1');
});

it('a brace written twice is a brace', () => {
  expect(compose('{{"name": "{氏名}"}}')).toBe('{"name": "山田"}');
});

it.each([
  ['{名前}です', '「{名前}」という列'],
  ['{氏名', '1文字目の「{」'],
  ['{氏名}}', '5文字目の「}」'],
  ['列を使わない', '1つ以上'],
  ['', '1つ以上'],
])('%j is refused with its place', (template, words) => {
  try {
    compose(template);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(DomainError);
    const { code, faults } = error as DomainError;
    expect(code).toBe('BATCHES.TEMPLATE_INVALID');
    expect(faults.map(({ message }) => message).join()).toContain(words);
  }
});
