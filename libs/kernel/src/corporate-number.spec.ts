import { describe, expect, it } from 'vitest';
import { corporateNumberCheckDigit, isCorporateNumber, isInvoiceRegistrationNumber } from './corporate-number.ts';

const digits = (text: string) => Array.from(text, Number);

describe('法人番号', () => {
  it.each([
    ['000012050002', 7], // 国税庁
    ['000012010038', 8], // デジタル庁
    ['000000000000', 9],
  ])('the check digit of %s is %i', (body, check) => {
    expect(corporateNumberCheckDigit(digits(body))).toBe(check);
    expect(isCorporateNumber([check, ...digits(body)])).toBe(true);
    expect(isCorporateNumber([(check % 9) + 1, ...digits(body)])).toBe(false);
  });

  it('has thirteen digits', () => {
    expect(isCorporateNumber(digits('700001205000'))).toBe(false);
    expect(isCorporateNumber(digits('70000120500020'))).toBe(false);
  });
});

describe('適格請求書発行事業者登録番号', () => {
  it('of a company is T and its 法人番号', () => {
    expect(isInvoiceRegistrationNumber('T7000012050002')).toBe(true);
  });

  it.each(['T8000012050002', '7000012050002', 't7000012050002', 'T7000012050002 ', 'T700001205000', 'Ｔ7000012050002'])(
    'is not %j',
    (text) => {
      expect(isInvoiceRegistrationNumber(text)).toBe(false);
    },
  );
});
