import type { Element } from '@xmldom/xmldom';
import { DomainError } from '#libs/kernel';
import { attributeOf, childrenOf, onlyChild, parseStrictly, textOf } from './safe-xml.ts';
import { BEARER, SAML, TRANSIENT } from './saml-names.ts';
import type { ProvenSubject } from './external-identity.ts';
import { CLOCK_SKEW_MS } from './provider.ts';

/** What an assertion must have been made for. */
export interface AssertionDemand {
  readonly issuer: string;
  readonly audience: string;
  readonly recipient: string;
  readonly inResponseTo: string;
  readonly startedAt: Date;
  readonly now: Date;
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

const malformed = () => new DomainError('SSO.RESPONSE_MALFORMED');

/** SAML speaks UTC only. @throws DomainError SSO.RESPONSE_MALFORMED */
function instantOf(element: Element, name: string): number | null {
  const text = attributeOf(element, name);
  if (text === null) return null;
  const at = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw malformed();
  return at;
}

/**
 * Reads an assertion by the bytes that were signed, and holds it to what was asked for.
 * @param xml as the signature covers it
 * @throws DomainError SSO.ISSUER_WRONG, SSO.AUDIENCE_WRONG, SSO.RECIPIENT_WRONG, SSO.NOT_STARTED_HERE,
 *   SSO.CLOCK_DIFFERENCE, SSO.RESPONSE_EXPIRED, SSO.SUBJECT_UNUSABLE, SSO.RESPONSE_MALFORMED
 */
export function readAssertion(xml: string, demand: AssertionDemand): ProvenSubject {
  const assertion = parseStrictly(xml);
  const id = attributeOf(assertion, 'ID');
  const issued = instantOf(assertion, 'IssueInstant');
  const subject = onlyChild(assertion, SAML, 'Subject');
  const conditions = onlyChild(assertion, SAML, 'Conditions');
  const signedIn = childrenOf(assertion, SAML, 'AuthnStatement').length > 0;
  if (!id || issued === null || !subject || !conditions || !signedIn) throw malformed();
  if (textOf(onlyChild(assertion, SAML, 'Issuer')) !== demand.issuer) throw new DomainError('SSO.ISSUER_WRONG');
  assertAudience(conditions, demand.audience);
  const confirmation = confirmationOf(subject, demand);
  assertTimes([conditions, confirmation], issued, demand);
  const nameId = onlyChild(subject, SAML, 'NameID');
  // A name that is another one tomorrow can be nobody's.
  if (!nameId || attributeOf(nameId, 'Format') === TRANSIENT) throw new DomainError('SSO.SUBJECT_UNUSABLE');
  const ends = [conditions, confirmation].map((element) => instantOf(element, 'NotOnOrAfter') ?? Infinity);
  return {
    subject: textOf(nameId) ?? '',
    attributes: attributesOf(assertion),
    proofId: id,
    proofExpiresAt: new Date(Math.min(...ends) + CLOCK_SKEW_MS),
  };
}

/** Every restriction must name us. @throws DomainError SSO.AUDIENCE_WRONG */
function assertAudience(conditions: Element, audience: string): void {
  const restrictions = childrenOf(conditions, SAML, 'AudienceRestriction');
  const named = restrictions.every((restriction) =>
    childrenOf(restriction, SAML, 'Audience').some((element) => textOf(element) === audience),
  );
  if (restrictions.length === 0 || !named) throw new DomainError('SSO.AUDIENCE_WRONG');
}

/** The one bearer confirmation: delivered here, in answer to this browser's request, and not for ever. */
function confirmationOf(subject: Element, { recipient, inResponseTo }: AssertionDemand): Element {
  const bearer = childrenOf(subject, SAML, 'SubjectConfirmation').filter(
    (element) => attributeOf(element, 'Method') === BEARER,
  );
  const data = bearer.length === 1 ? onlyChild(bearer[0]!, SAML, 'SubjectConfirmationData') : null;
  if (!data || attributeOf(data, 'NotOnOrAfter') === null) throw malformed();
  if (attributeOf(data, 'Recipient') !== recipient) throw new DomainError('SSO.RECIPIENT_WRONG');
  if (attributeOf(data, 'InResponseTo') !== inResponseTo) throw new DomainError('SSO.NOT_STARTED_HERE');
  return data;
}

/** An answer is made after its question: one that seems older comes from a clock that is behind ours. */
function assertTimes(limits: readonly Element[], issued: number, { now, startedAt }: AssertionDemand): void {
  const at = now.getTime();
  const begins = Math.max(issued, ...limits.map((element) => instantOf(element, 'NotBefore') ?? -Infinity));
  if (begins > at + CLOCK_SKEW_MS || issued < startedAt.getTime() - CLOCK_SKEW_MS)
    throw new DomainError('SSO.CLOCK_DIFFERENCE');
  const ends = Math.min(...limits.map((element) => instantOf(element, 'NotOnOrAfter') ?? Infinity));
  if (ends <= at - CLOCK_SKEW_MS) throw new DomainError('SSO.RESPONSE_EXPIRED');
}

function attributesOf(assertion: Element): Map<string, string[]> {
  const attributes = new Map<string, string[]>();
  for (const statement of childrenOf(assertion, SAML, 'AttributeStatement'))
    for (const attribute of childrenOf(statement, SAML, 'Attribute')) {
      const values = childrenOf(attribute, SAML, 'AttributeValue').map((value) => textOf(value) ?? '');
      const name = attributeOf(attribute, 'Name');
      if (name) attributes.set(name, [...(attributes.get(name) ?? []), ...values]);
    }
  return attributes;
}
