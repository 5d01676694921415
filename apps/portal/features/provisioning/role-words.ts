import type { ProvisionedRole, Role } from '#libs/api-client';

/** As a form offers them: the strongest last, so that nobody fills it by habit. */
export const MAPPED_ROLES = ['staff', 'manager', 'auditor', 'admin'] as const satisfies readonly Role[];
export type RoleWords = Readonly<Record<(typeof MAPPED_ROLES)[number], string>>;

const wordsOf = (text: string): string[] =>
  text
    .split(/[;；]/)
    .map((word) => word.trim())
    .filter(Boolean);

/** Of `課長; 部長` for a role, one pair for each word. */
export const readRoleWords = (words: RoleWords): ProvisionedRole[] =>
  MAPPED_ROLES.flatMap((role) => wordsOf(words[role]).map((value) => ({ value, role })));

export const writeRoleWords = (roles: readonly ProvisionedRole[], role: Role): string =>
  roles
    .filter((mapped) => mapped.role === role)
    .map(({ value }) => value)
    .join('; ');

/** A word that is written twice: which role it gives would be chance. */
export const repeatedWord = (words: RoleWords): string | undefined => {
  const all = readRoleWords(words).map(({ value }) => value);
  return all.find((word, at) => all.indexOf(word) !== at);
};
