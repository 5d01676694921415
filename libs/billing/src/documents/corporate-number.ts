/**
 * 法人番号 of a local government: 000020 and its six-digit code, led by the check digit of 法人番号の指定等に関する省令 第2条:
 * 9 - (sum of Pn x Qn mod 9), Pn the n-th digit from the right, Qn 1 for odd n and 2 for even n.
 * @param code 全国地方公共団体コード
 */
export function corporateNumberOf(code: string): string {
  const body = `000020${code}`;
  const sum = [...body].reverse().reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 2), 0);
  return `${9 - (sum % 9)}${body}`;
}
