/** `cn=soumu=0101; cn=zeimu=0102` as a record. A value may hold `=` itself: the last one divides. */
export function readDepartmentCodes(text: string): Record<string, string> | null {
  const pairs = text
    .split(/[;；]/)
    .map((pair) => pair.trim())
    .filter(Boolean)
    .map(
      (pair) =>
        /^(.+)=(.+)$/u
          .exec(pair)
          ?.slice(1)
          .map((part) => part.trim()) ?? [],
    );
  if (pairs.some(([value, code]) => !value || !code)) return null;
  return Object.fromEntries(pairs);
}

export const writeDepartmentCodes = (codes: Readonly<Record<string, string>>): string =>
  Object.entries(codes)
    .map(([value, code]) => `${value}=${code}`)
    .join('; ');
