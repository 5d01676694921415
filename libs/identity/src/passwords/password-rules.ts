import { randomInt } from 'node:crypto';
import { DomainError } from '#libs/kernel';
import { COMMON_PASSWORDS } from './common-passwords.ts';

export const MIN_PASSWORD_CHARACTERS = 15;
const MAX_PASSWORD_CHARACTERS = 200;

// No 0/o, 1/l/i: these passwords are read from paper once.
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const GROUPS = 4;
const GROUP_LENGTH = 5;

/** A random password of some 25 bits a group, to be handed over once. */
export function newPassword(groups = GROUPS): string {
  const group = () => Array.from({ length: GROUP_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  return Array.from({ length: groups }, group).join('-');
}

const refuse = (detail: string): never => {
  throw new DomainError('IDENTITY.PASSWORD_REFUSED', {
    detail,
    faults: [{ pointer: '/newPassword', message: detail }],
  });
};

const comparable = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s\-_.]/g, '');

/** The shortest part that, repeated, makes the text. */
function period(text: string): number {
  return (text + text).indexOf(text, 1);
}

/**
 * Length and guessability, no composition rules (NIST SP 800-63B): at least 15 characters, not a well-known one, not made
 * of one short part repeated, and more than the names everybody knows of its owner.
 * @param known login id, display name, city: what a guesser tries first
 * @throws DomainError IDENTITY.PASSWORD_REFUSED
 */
export function assertPasswordAllowed(password: string, known: readonly string[]): void {
  const length = [...password.normalize('NFKC')].length;
  if (length < MIN_PASSWORD_CHARACTERS) refuse(`パスワードは${MIN_PASSWORD_CHARACTERS}文字以上にしてください。`);
  if (length > MAX_PASSWORD_CHARACTERS) refuse(`パスワードは${MAX_PASSWORD_CHARACTERS}文字以内にしてください。`);
  let rest = comparable(password);
  if (COMMON_PASSWORDS.has(rest)) refuse('よく使われるパスワードは使えません。');
  if (period(rest) <= 4) refuse('同じ文字の繰り返しは使えません。');
  for (const word of [...known, ...COMMON_PASSWORDS].map(comparable))
    if (word.length >= 3) rest = rest.replaceAll(word, '');
  if ([...rest].length < MIN_PASSWORD_CHARACTERS / 2)
    refuse('ログインIDや氏名、団体名、よく使われる語だけでできたパスワードは使えません。');
}
