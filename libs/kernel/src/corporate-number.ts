const LENGTH = 13;

/**
 * The check digit (the first digit, 1-9) of the 12 body digits of a 法人番号.
 * 9 - (sum of Pn * Qn mod 9), Pn the n-th digit from the right, Qn 1 for odd n and 2 for even n.
 */
export function corporateNumberCheckDigit(body: ArrayLike<number>): number {
  let sum = 0;
  for (let n = 1; n < LENGTH; n++) sum += body[LENGTH - 1 - n]! * (n % 2 === 1 ? 1 : 2);
  return 9 - (sum % 9);
}

/** True when thirteen digit values form a 法人番号. */
export const isCorporateNumber = (digits: ArrayLike<number>): boolean =>
  digits.length === LENGTH && digits[0] === corporateNumberCheckDigit(Array.from(digits).slice(1));

/**
 * True for the written form of a 適格請求書発行事業者登録番号 of a company: `T` and its 法人番号, ASCII, no separators.
 * Sole proprietors get a `T` number that follows no check digit, so false does not mean that a number is not registered.
 */
export const isInvoiceRegistrationNumber = (text: string): boolean =>
  /^T\d{13}$/.test(text) && isCorporateNumber(Array.from(text.slice(1), Number));
