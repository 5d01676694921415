import type { Element } from '@xmldom/xmldom';
import { DomainError } from '#libs/kernel';
import { attributeOf, childrenOf, everyElement, onlyChild, parseStrictly } from './safe-xml.ts';
import { DSIG, SAML, SAMLP, STATUS_SUCCESS } from './saml-names.ts';

const MAX_RESPONSE_CHARACTERS = 256 * 1024;
const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
const ENC = 'http://www.w3.org/2001/04/xmlenc#';
const C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';

/** SHA-256 or better; RSA. What is not listed, SHA-1 and HMAC among it, is refused. */
const ALGORITHMS: Record<string, ReadonlySet<string>> = {
  SignatureMethod: new Set([`${MORE}rsa-sha256`, `${MORE}rsa-sha384`, `${MORE}rsa-sha512`]),
  DigestMethod: new Set([`${ENC}sha256`, `${MORE}sha384`, `${ENC}sha512`]),
  CanonicalizationMethod: new Set([C14N]),
  Transform: new Set([`${DSIG}enveloped-signature`, C14N]),
};

/** A response whose shape leaves no two readings; nothing of it is proven yet. */
export interface ShapedResponse {
  readonly xml: string;
  readonly inResponseTo: string | null;
  readonly destination: string | null;
}

const malformed = (cause?: unknown) => new DomainError('SSO.RESPONSE_MALFORMED', { cause });

/** @param encoded base64 as the browser posted it; @throws DomainError SSO.RESPONSE_MALFORMED */
function decode(encoded: string): string {
  const compact = encoded.replaceAll(/\s/g, '');
  if (compact.length > MAX_RESPONSE_CHARACTERS || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) throw malformed();
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(compact, 'base64'));
  } catch (error) {
    throw malformed(error);
  }
}

function parse(xml: string): Element {
  try {
    return parseStrictly(xml);
  } catch (error) {
    throw malformed(error);
  }
}

/**
 * Admits only the one shape that identity providers send: a Response around one Assertion that carries its own signature,
 * with every id once. The signature is checked afterwards by the library; here it is made sure that whatever it finds
 * signed is what is read (signature wrapping).
 * @throws DomainError SSO.RESPONSE_MALFORMED, SSO.REFUSED_BY_PROVIDER, SSO.ENCRYPTION_NOT_SUPPORTED, SSO.SIGNATURE_MISSING,
 *   SSO.SIGNATURE_INVALID, SSO.ALGORITHM_REFUSED
 */
export function shapeOf(encoded: string): ShapedResponse {
  const xml = decode(encoded);
  const response = parse(xml);
  if (
    response.namespaceURI !== SAMLP ||
    response.localName !== 'Response' ||
    attributeOf(response, 'Version') !== '2.0'
  )
    throw malformed();
  const status = onlyChild(onlyChild(response, SAMLP, 'Status'), SAMLP, 'StatusCode');
  if (!status) throw malformed();
  if (attributeOf(status, 'Value') !== STATUS_SUCCESS) throw new DomainError('SSO.REFUSED_BY_PROVIDER');
  const elements = everyElement(response);
  if (elements.some(({ localName }) => localName === 'EncryptedAssertion' || localName === 'EncryptedID'))
    throw new DomainError('SSO.ENCRYPTION_NOT_SUPPORTED');
  const [assertion, ...others] = elements.filter(({ localName }) => localName === 'Assertion');
  if (!assertion) throw malformed();
  if (others.length > 0 || assertion.parentNode !== response || assertion.namespaceURI !== SAML)
    throw new DomainError('SSO.SIGNATURE_INVALID');
  assertIdsOnce(elements);
  assertSignatures(elements, response, assertion);
  assertAlgorithms(elements);
  return {
    xml,
    inResponseTo: attributeOf(response, 'InResponseTo'),
    destination: attributeOf(response, 'Destination'),
  };
}

/** A reference must have one meaning for every parser. */
function assertIdsOnce(elements: readonly Element[]): void {
  const ids = elements.flatMap((element) =>
    Array.from(element.attributes)
      .filter(({ localName, name }) => (localName ?? name).toLowerCase() === 'id')
      .map(({ value }) => value),
  );
  if (new Set(ids).size !== ids.length) throw new DomainError('SSO.SIGNATURE_INVALID');
}

/** The assertion has its own signature, the response may; each covers the element it stands in, whole and alone. */
function assertSignatures(elements: readonly Element[], response: Element, assertion: Element): void {
  const signatures = elements.filter(({ localName }) => localName === 'Signature');
  const places = [response, assertion];
  for (const signature of signatures) {
    const holder = places.find((place) => signature.parentNode === place);
    const info = onlyChild(signature, DSIG, 'SignedInfo');
    const references = info ? childrenOf(info, DSIG, 'Reference') : [];
    const covers =
      references.length === 1 && attributeOf(references[0]!, 'URI') === `#${attributeOf(holder ?? null, 'ID')}`;
    const holdsMore = childrenOf(signature, DSIG, 'Object').length > 0;
    if (signature.namespaceURI !== DSIG || !holder || !covers || holdsMore)
      throw new DomainError('SSO.SIGNATURE_INVALID');
  }
  for (const place of places)
    if (childrenOf(place, DSIG, 'Signature').length > 1) throw new DomainError('SSO.SIGNATURE_INVALID');
  if (childrenOf(assertion, DSIG, 'Signature').length === 0) throw new DomainError('SSO.SIGNATURE_MISSING');
}

function assertAlgorithms(elements: readonly Element[]): void {
  for (const element of elements) {
    const allowed = element.namespaceURI === DSIG ? ALGORITHMS[element.localName ?? ''] : undefined;
    if (allowed && !allowed.has(attributeOf(element, 'Algorithm') ?? ''))
      throw new DomainError('SSO.ALGORITHM_REFUSED');
  }
}
