import { createHash } from 'node:crypto';
import { DomainError } from '#libs/kernel';
import type { ExternalIdentity, ProviderRules } from './provider.ts';

/** What was proven, not yet read: attributes and claims by name. */
export interface ProvenSubject {
  readonly subject: string;
  readonly attributes: ReadonlyMap<string, readonly string[]>;
  readonly proofId: string;
  readonly proofExpiresAt: Date;
}

/** Names of the attributes that are read where the administrator has named none. */
export interface AttributeDefaults {
  /** Null: the subject itself. */
  readonly loginId: string | null;
  readonly displayName: readonly string[];
}

const MAX_SUBJECT = 500;

/** Reads who came by the rules of the provider. @throws DomainError SSO.SUBJECT_UNUSABLE */
export function readIdentity(
  proven: ProvenSubject,
  rules: ProviderRules,
  defaults: AttributeDefaults,
): ExternalIdentity {
  const { subject, attributes, proofId, proofExpiresAt } = proven;
  if (subject.length === 0 || subject.length > MAX_SUBJECT || /\p{Cc}/u.test(subject))
    throw new DomainError('SSO.SUBJECT_UNUSABLE');
  const first = (name: string): string | null => attributes.get(name)?.[0]?.trim() || null;
  const loginIdName = rules.loginIdAttribute ?? defaults.loginId;
  const names = rules.displayNameAttribute ? [rules.displayNameAttribute] : defaults.displayName;
  return {
    subject,
    loginId: loginIdName === null ? subject : first(loginIdName),
    displayName: names.map(first).find((value) => value !== null) ?? null,
    departmentCode: departmentCodeOf(proven, rules),
    proofId,
    proofExpiresAt,
  };
}

/** Of several groups the first that the administrator has given a department. */
function departmentCodeOf({ attributes }: ProvenSubject, rules: ProviderRules): string | null {
  const values = rules.departmentAttribute ? (attributes.get(rules.departmentAttribute) ?? []) : [];
  const mapped = values.find((value) => Object.hasOwn(rules.departmentCodes, value));
  return mapped === undefined ? (values[0] ?? null) : rules.departmentCodes[mapped]!;
}

export const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();
