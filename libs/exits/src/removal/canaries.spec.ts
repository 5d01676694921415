import { describe, expect, it } from 'vitest';
import { type Person, canariesOf, digestOfText, hashOfTexts, namesPerson } from './canaries.ts';

const EXIT = '01985c2e-0000-7000-8000-000000000001';
const CITY_CODE = '131016';
const ID = '01985c2e-0000-7000-8000-00000000000a';

const person = (more: Partial<Person>): Person => ({
  id: ID,
  loginId: 'hanako.k',
  displayName: '架空 花子',
  mailAddress: 'hanako.k@city.kaku.lg.jp',
  ...more,
});
const isFound = (text: string, who: Partial<Person> = {}, column = 'body'): boolean =>
  namesPerson(text, column, { salt: EXIT, digests: new Set(canariesOf(EXIT, person(who))), cityCode: CITY_CODE });

describe('names that must be found nowhere once a city is removed', () => {
  it.each([
    '担当は 架空　花子 です',
    '{"by":"架空 花子"}',
    '（架空・花子）',
    `{"ids":["${ID}"]}`,
    '連絡先：ＨＡＮＡＫＯ．Ｋ@city.kaku.lg.jp。',
    'mail <hanako.k@city.kaku.lg.jp>, urgent',
  ])('are found in any text: %s', (text) => {
    expect(isFound(text)).toBe(true);
  });

  it('are found as one word where that is somebody’s name', () => {
    expect(isFound('申込者 架空花子', { displayName: '架空花子' })).toBe(true);
  });

  it.each(['batch', 'urgent', 'jobs', 'claude', 'lgwan', 'hanako.k'])(
    'are no sign of anybody where a login id is a word like others: %s',
    (loginId) => {
      for (const text of [loginId, `the ${loginId} lane`, `{"kind":"${loginId}","lane":"${loginId}"}`, '架空市'])
        expect(isFound(text, { loginId })).toBe(false);
    },
  );

  it.each(['窓口', '市長', '会計管理者', '情報政策課', 'Administrator'])(
    'are no sign of anybody where they are called so everywhere: %s',
    (displayName) => {
      expect(isFound(displayName, { displayName }, 'billing_name')).toBe(false);
    },
  );

  it.each([
    ['batch', 'login_id'],
    ['{"loginId":"batch"}', 'details'],
    ['131016/batch', 'note'],
    ['ログインID：batch', 'note'],
  ])('are found as login ids where they say whom they mean: %s in %s', (text, column) => {
    expect(isFound(text, { loginId: 'batch' }, column)).toBe(true);
  });

  it('are told by their hash apart from any other texts', () => {
    const hash = (texts: string[], salt = EXIT) => hashOfTexts(texts.map((text) => digestOfText(salt, text)));
    const found = hash(['一', '二']);
    expect(hash(['二', '一'])).toBe(found);
    expect(hash(['一', '二', '二'])).not.toBe(found);
    expect(hash(['一', '二'], 'another exit')).not.toBe(found);
  });
});
