import { DOMParser, type Element, XMLSerializer } from '@xmldom/xmldom';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AssertionFields, SamlIdentityProvider } from '#libs/testing';
import { type Leaving, SsoDesk } from '../../test/sso-desk.ts';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { CITY_A, CITY_B, onboardCity, signIn } from '../../test/test-city.ts';

const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion';
const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const RSA_SHA1 = 'http://www.w3.org/2000/09/xmldsig#rsa-sha1';
const MINUTE = 60_000;

const encode = (xml: string): string => Buffer.from(xml).toString('base64');
const decode = (text: string): string => Buffer.from(text, 'base64').toString();
const inMinutes = (minutes: number): Date => new Date(Date.now() + minutes * MINUTE);

/** Edits a response as an attacker does who holds one that was rightly signed for somebody else. */
function edited(encoded: string, edit: (parts: Parts) => void): string {
  const document = new DOMParser().parseFromString(decode(encoded), 'text/xml');
  const root = document.documentElement!;
  const assertion = root.getElementsByTagNameNS(SAML, 'Assertion')[0]!;
  const signature = assertion.getElementsByTagNameNS(DSIG, 'Signature')[0]!;
  const evil = assertion.cloneNode(true) as Element;
  evil.setAttribute('ID', '_evil');
  evil.getElementsByTagNameNS(SAML, 'NameID')[0]!.textContent = 'victim';
  evil.removeChild(evil.getElementsByTagNameNS(DSIG, 'Signature')[0]!);
  edit({ root, assertion, signature, evil, make: (name) => document.createElement(name) });
  return encode(new XMLSerializer().serializeToString(document));
}

interface Parts {
  readonly root: Element;
  readonly assertion: Element;
  readonly signature: Element;
  /** The same assertion about the victim, without a signature. */
  readonly evil: Element;
  make(name: string): Element;
}

/** Signature wrapping as in "On Breaking SAML" (Somorovsky et al., 2012), for a signed assertion. */
const WRAPPINGS: Record<string, (parts: Parts) => void> = {
  'XSW1: the signed response wrapped into its signature': ({ root, signature, evil }) => {
    signature.appendChild(root.getElementsByTagNameNS(SAML, 'Assertion')[0]!.cloneNode(true));
    root.appendChild(evil);
  },
  'XSW2: the forged assertion before a detached signature': ({ root, assertion, signature, evil }) => {
    assertion.removeChild(signature);
    root.appendChild(signature);
    root.insertBefore(evil, assertion);
  },
  'XSW3: the forged assertion first, the signed one beside it': ({ root, assertion, evil }) => {
    root.insertBefore(evil, assertion);
  },
  'XSW4: the signed assertion inside the forged one': ({ root, assertion, evil }) => {
    root.replaceChild(evil, assertion);
    evil.appendChild(assertion);
  },
  'XSW5: the signature in the forged assertion, the signed one at the end': ({ root, assertion, signature, evil }) => {
    assertion.removeChild(signature);
    evil.insertBefore(signature, evil.firstChild);
    root.insertBefore(evil, assertion);
  },
  'XSW6: the signed assertion inside the signature of the forged one': ({ root, assertion, signature, evil }) => {
    assertion.removeChild(signature);
    evil.insertBefore(signature, evil.firstChild);
    root.replaceChild(evil, assertion);
    signature.appendChild(assertion);
  },
  'XSW7: the signed assertion hidden in Extensions': ({ root, assertion, evil, make }) => {
    const extensions = make('Extensions');
    root.replaceChild(extensions, assertion);
    extensions.appendChild(assertion);
    root.appendChild(evil);
  },
  'XSW8: the signed assertion in an Object of the signature': ({ root, assertion, signature, evil, make }) => {
    assertion.removeChild(signature);
    evil.insertBefore(signature, evil.firstChild);
    root.replaceChild(evil, assertion);
    const object = signature.appendChild(make('Object'));
    object.appendChild(assertion);
  },
  'the forged assertion under the id of the signed one': ({ root, assertion, evil }) => {
    evil.setAttribute('ID', assertion.getAttribute('ID')!);
    root.insertBefore(evil, assertion);
  },
};

describe('an attacker with a SAML response', () => {
  let api: TestApi;
  let desk: SsoDesk;
  let idp: SamlIdentityProvider;
  let providerId: string;
  const refused: string[] = [];
  let accepted = 0;
  beforeAll(async () => {
    api = await createTestApi();
    const city = await onboardCity(api.app, CITY_A);
    desk = new SsoDesk(api, city, await signIn(api, city, city.admin));
    idp = await SamlIdentityProvider.start();
    providerId = await desk.connectSaml(idp, { createsMembers: true });
  });
  afterAll(async () => {
    process.stdout.write(`SAML corpus: ${refused.length} responses refused, ${accepted} accepted\n`);
    await idp[Symbol.asyncDispose]();
    await api[Symbol.asyncDispose]();
  });

  const present = async (leaving: Leaving, SAMLResponse: string) => {
    const { code } = await desk.arrive(leaving, { SAMLResponse });
    if (code === null) accepted += 1;
    else refused.push(code);
    return code;
  };
  /** A response as it is after the attacker's hand, in the browser it was asked for by. */
  const attack = async (change: Partial<AssertionFields>, forge: (encoded: string) => string = (same) => same) => {
    const leaving = await desk.leave(providerId);
    return present(leaving, forge(await idp.answer(leaving.location, 'attacker', change)));
  };

  it('gets nowhere, while an honest answer passes', async () => {
    const leaving = await desk.leave(providerId);
    const { code } = await desk.arrive(leaving, { SAMLResponse: await idp.answer(leaving.location, 'honest') });
    expect(code).toBeNull();
  });

  it.each(Object.entries(WRAPPINGS))('cannot wrap the signature: %s', async (_, wrap) => {
    expect(await attack({}, (encoded) => edited(encoded, wrap))).toBe('SSO.SIGNATURE_INVALID');
  });

  it('cannot leave the signature out, or take it off', async () => {
    const strip = (encoded: string) =>
      edited(encoded, ({ assertion, signature }) => void assertion.removeChild(signature));
    expect(await attack({}, strip)).toBe('SSO.SIGNATURE_MISSING');
    const empty = (encoded: string) => encode(decode(encoded).replace(/<saml:Assertion.*<\/saml:Assertion>/s, ''));
    expect(await attack({}, empty)).toBe('SSO.RESPONSE_MALFORMED');
  });

  it('cannot change what is signed, or sign with a key of its own', async () => {
    const rename = (encoded: string) => encode(decode(encoded).replace('>attacker<', '>victim<'));
    expect(await attack({}, rename)).toBe('SSO.SIGNATURE_INVALID');
    const [leaving, stranger] = [await desk.leave(providerId), await SamlIdentityProvider.start()];
    stranger.trust((await desk.ask('get', `/${providerId}/service-provider.xml`).buffer(true)).text);
    const forged = await stranger.answer(leaving.location, 'victim', { issuer: idp.entityId });
    expect(await present(leaving, forged)).toBe('SSO.SIGNATURE_INVALID');
    await stranger[Symbol.asyncDispose]();
  });

  it.each([
    ['a comment in the name', (xml: string) => xml.replace('>attacker<', '>vic<!-- -->tim<')],
    ['CDATA', (xml: string) => xml.replace('>attacker<', '><![CDATA[attacker]]><')],
    ['a processing instruction', (xml: string) => xml.replace('<samlp:Status>', '<?php ?><samlp:Status>')],
    ['an entity', (xml: string) => `<!DOCTYPE r [<!ENTITY n "victim">]>${xml.replace('>attacker<', '>&n;<')}`],
    ['an entity bomb', (xml: string) => `<!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>${xml}`],
    ['an outside DTD', (xml: string) => `<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd">${xml}`],
    ['broken XML', (xml: string) => xml.slice(0, -20)],
    ['two documents', (xml: string) => xml + xml],
    ['half a character', (xml: string) => `${xml}\uFFFD`],
  ])('is not understood with %s', async (_, forge) => {
    expect(await attack({}, (encoded) => encode(forge(decode(encoded))))).toBe('SSO.RESPONSE_MALFORMED');
  });

  it('is not understood when it is no base64, no UTF-8, or too long', async () => {
    for (const forge of [
      () => '%%%',
      () => Buffer.from([0xff, 0xfe, 0x3c]).toString('base64'),
      () => encode(`<r>${'x'.repeat(300_000)}</r>`),
    ])
      expect(await attack({}, forge)).toBe('SSO.RESPONSE_MALFORMED');
  });

  it.each([
    ['audience', { audience: 'https://other.example' }, 'SSO.AUDIENCE_WRONG'],
    ['recipient', { recipient: 'https://other.example/acs' }, 'SSO.RECIPIENT_WRONG'],
    ['destination', { destination: 'https://other.example/acs' }, 'SSO.RECIPIENT_WRONG'],
    ['issuer', { issuer: 'https://other.example/idp' }, 'SSO.ISSUER_WRONG'],
    ['request', { inResponseTo: '_somebody-elses' }, 'SSO.NOT_STARTED_HERE'],
    ['kind of name', { nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient' }, 'SSO.SUBJECT_UNUSABLE'],
  ] as [string, Partial<AssertionFields>, string][])('cannot use one for another %s', async (_, change, code) => {
    expect(await attack(change)).toBe(code);
  });

  it.each([
    ['has ended', { notOnOrAfter: inMinutes(-3) }, 'SSO.RESPONSE_EXPIRED'],
    ['has not begun', { notBefore: inMinutes(3) }, 'SSO.CLOCK_DIFFERENCE'],
    ['was made in the future', { issuedAt: inMinutes(3) }, 'SSO.CLOCK_DIFFERENCE'],
    ['was made before it was asked for', { issuedAt: inMinutes(-3) }, 'SSO.CLOCK_DIFFERENCE'],
  ] as [string, Partial<AssertionFields>, string][])('cannot use one that %s', async (_, change, code) => {
    expect(await attack(change)).toBe(code);
  });

  it('finds a minute of clock difference forgiven', async () => {
    const leaving = await desk.leave(providerId);
    const ahead = { issuedAt: inMinutes(1), notBefore: inMinutes(1) };
    const { code } = await desk.arrive(leaving, { SAMLResponse: await idp.answer(leaving.location, 'honest', ahead) });
    expect(code).toBeNull();
  });

  it('cannot play one twice, also at once, nor bring it to another browser', async () => {
    const leaving = await desk.leave(providerId);
    const SAMLResponse = await idp.answer(leaving.location, 'honest');
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => desk.arrive(leaving, { SAMLResponse })));
    expect(outcomes.filter(({ code }) => code === null)).toHaveLength(1);
    expect(new Set(outcomes.map(({ code }) => code))).toEqual(new Set([null, 'SSO.NOT_STARTED_HERE']));
    const elsewhere = await desk.leave(providerId);
    expect(await present(elsewhere, SAMLResponse)).toBe('SSO.NOT_STARTED_HERE');
    expect(await present({ ...elsewhere, cookie: '' }, SAMLResponse)).toBe('SSO.NOT_STARTED_HERE');
  });

  it('cannot begin at the identity provider', async () => {
    const leaving = await desk.leave(providerId);
    const unasked = (encoded: string) => encode(decode(encoded).replace(/ InResponseTo="[^"]*"/, ''));
    expect(await present(leaving, unasked(await idp.answer(leaving.location, 'honest')))).toBe('SSO.NOT_STARTED_HERE');
  });

  it('cannot use SHA-1, nor hide an assertion by encrypting it', async () => {
    const weak = await SamlIdentityProvider.start({ signatureAlgorithm: RSA_SHA1 });
    const id = await desk.connectSaml(weak, {}, 'SHA-1');
    const leaving = await desk.leave(id);
    expect(await present(leaving, await weak.answer(leaving.location, 'x'))).toBe('SSO.ALGORITHM_REFUSED');
    await weak[Symbol.asyncDispose]();
    const hidden = (encoded: string) => encode(decode(encoded).replaceAll('saml:Assertion', 'saml:EncryptedAssertion'));
    expect(await attack({}, hidden)).toBe('SSO.ENCRYPTION_NOT_SUPPORTED');
    const cancelled = (encoded: string) => encode(decode(encoded).replace('status:Success', 'status:Responder'));
    expect(await attack({}, cancelled)).toBe('SSO.REFUSED_BY_PROVIDER');
  });

  it('cannot come through another city’s provider', async () => {
    const city = await onboardCity(api.app, CITY_B);
    const other = new SsoDesk(api, city, await signIn(api, city, city.admin));
    const theirs = await SamlIdentityProvider.start({ name: 'other' });
    const id = await other.connectSaml(theirs, { createsMembers: true });
    const [left, ours] = [await other.leave(id), await desk.leave(providerId)];
    const SAMLResponse = await theirs.answer(left.location, 'honest');
    expect(await present(ours, SAMLResponse)).toBe('SSO.NOT_STARTED_HERE');
    expect(await present({ ...left, providerId }, SAMLResponse)).toBe('SSO.NOT_STARTED_HERE');
    await theirs[Symbol.asyncDispose]();
  });

  it('cannot use an identity provider whose certificate has ended', async () => {
    const old = await SamlIdentityProvider.start({ certificateDays: -1 });
    const { body } = await desk.ask('post', '', { kind: 'saml', name: '期限切れ' }).expect(201);
    const { body: configured } = await desk.ask('put', `/${body.id}/saml`, { metadata: old.metadata }).expect(200);
    expect(configured.certificates).toMatchObject([{ state: 'expired' }]);
    await desk.ask('patch', `/${body.id}`, { enabled: true }).expect(200);
    const request = api.on('lgwan').post('/api/v1/sso/requests');
    const answer = await request.send({ cityCode: CITY_A, providerId: body.id }).expect(401);
    expect(answer.body.code).toBe('SSO.CERTIFICATE_EXPIRED');
    await old[Symbol.asyncDispose]();
    const ending = await SamlIdentityProvider.start({ certificateDays: 20 });
    const warned = await desk.ask('put', `/${body.id}/saml`, { metadata: ending.metadata }).expect(200);
    expect(warned.body.certificates).toMatchObject([{ state: 'ends-soon' }]);
    await ending[Symbol.asyncDispose]();
  });

  it('was never let in', () => {
    expect(accepted).toBe(0);
    expect(refused.length).toBeGreaterThan(35);
  });
});
