import { describe, expect, it } from 'vitest';
import { DomainError } from '#libs/kernel';
import { MIN_PASSWORD_CHARACTERS, assertPasswordAllowed, newPassword } from './password-rules.ts';

const KNOWN = ['yamada.taro', '山田 太郎', 'みなと野市', '990019'];

describe('a password', () => {
  it.each([
    'correct horse battery stable',
    'あさがおとひまわりとこすもすのにわ',
    'no composition rule at all',
    'みなと野市の裏山に狸が三匹住む',
  ])('may be %s', (password) => {
    expect(() => assertPasswordAllowed(password, KNOWN)).not.toThrow();
  });

  it.each([
    ['short', 'fourteen chars'],
    ['short once its ligatures are told apart', 'ﬀ'.repeat(7)],
    ['well known', 'Correct-Horse Battery.Staple'],
    ['well known in full width', 'ｐａｓｓｗｏｒｄ１２３４５６７８'],
    ['one character', 'aaaaaaaaaaaaaaaaaaaa'],
    ['one short part', 'abcabcabcabcabcabc'],
    ['only the login id and the year', 'yamada.taro-2026'],
    ['only the city and its code', 'みなと野市990019みなと野市'],
    ['only well-known words', 'password-admin-qwerty-2026!'],
    ['longer than anybody types', 'long and different '.repeat(20)],
  ])('that is %s is refused', (_, password) => {
    expect(() => assertPasswordAllowed(password, KNOWN)).toThrow(DomainError);
  });

  it('made here is long, different each time and allowed', () => {
    const made = Array.from({ length: 200 }, newPassword);
    expect(new Set(made).size).toBe(made.length);
    for (const password of made) {
      expect(password.length).toBeGreaterThan(MIN_PASSWORD_CHARACTERS);
      expect(() => assertPasswordAllowed(password, KNOWN)).not.toThrow();
    }
  });
});
