/** Per cent as people say a markup, to the fraction that contracts keep: digits are moved, nothing is reckoned. */
export function fractionOf(percent: string): string {
  const [whole = '', digits = ''] = percent.split('.');
  const padded = whole.padStart(3, '0');
  return `${Number(padded.slice(0, -2))}.${padded.slice(-2)}${digits}`;
}

/** The way back. */
export function percentOf(fraction: string): string {
  const [whole = '', digits = ''] = fraction.split('.');
  const rest = digits.slice(2).replace(/0+$/, '');
  return `${Number(whole + digits.slice(0, 2).padEnd(2, '0'))}${rest && `.${rest}`}`;
}
