const WEIGHTS = [6, 5, 4, 3, 2];

/**
 * 全国地方公共団体コード: five digits and a check digit, r = (6a+5b+4c+3d+2e) mod 11, check = (11 - r) mod 10. Tells a slip
 * of the keyboard before anything is sent; the API decides.
 */
export function isMunicipalityCode(code: string): boolean {
  if (!/^\d{6}$/.test(code)) return false;
  const remainder = WEIGHTS.reduce((sum, weight, index) => sum + weight * Number(code[index]), 0) % 11;
  return Number(code[5]) === (11 - remainder) % 10;
}
