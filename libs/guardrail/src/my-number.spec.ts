import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMyNumber, myNumberCheckDigit } from './my-number.ts';

const digits = (text: string) => Array.from(text, Number);

describe('個人番号', () => {
  it.each([
    ['12345678901', 8],
    ['00000000000', 0],
    ['02345678901', 3],
    ['99999999999', 6],
    ['00000000001', 9],
    ['00000000006', 0], // remainder 1 gives 0, not 10
  ])('the check digit of %s is %i', (body, check) => {
    expect(myNumberCheckDigit(digits(body))).toBe(check);
  });

  it('accepts exactly one last digit for every body', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 11, maxLength: 11 }), (body) => {
        fc.pre(body.some((digit) => digit !== 0));
        const accepted = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].filter((last) => isMyNumber([...body, last]));
        expect(accepted).toEqual([myNumberCheckDigit(body)]);
      }),
    );
  });

  it('notices every single wrong digit except where the remainders 0 and 1 share the check digit 0', () => {
    const number = digits('123456789018');
    for (let at = 0; at < 12; at++) {
      for (let digit = 0; digit < 10; digit++) {
        if (digit !== number[at]) expect(isMyNumber(number.with(at, digit)), `${at}=${digit}`).toBe(false);
      }
    }
  });

  it('refuses other lengths and the blank of a form, twelve zeros', () => {
    for (const text of ['', '12345678901', '1234567890180', '000000000000'])
      expect(isMyNumber(digits(text))).toBe(false);
  });
});
