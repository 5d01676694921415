const LENGTH = 12;

/**
 * The check digit of the 11 body digits of a 個人番号 (Ordinance of MIC No. 85 of 2014, art. 5).
 * Pn is the n-th digit from the right; Qn = n + 1 up to the sixth, n - 5 from the seventh.
 */
export function myNumberCheckDigit(body: ArrayLike<number>): number {
  let sum = 0;
  for (let n = 1; n < LENGTH; n++) sum += body[LENGTH - 1 - n]! * (n <= 6 ? n + 1 : n - 5);
  const remainder = sum % 11;
  return remainder <= 1 ? 0 : 11 - remainder;
}

/**
 * True when twelve digit values form a 個人番号. One random run in ten does, so this alone is no detection.
 * All zeros satisfy the formula but are what forms print as a blank, and are never issued.
 */
export function isMyNumber(digits: ArrayLike<number>): boolean {
  if (digits.length !== LENGTH || digits[LENGTH - 1] !== myNumberCheckDigit(digits)) return false;
  for (let i = 0; i < LENGTH; i++) if (digits[i] !== 0) return true;
  return false;
}
