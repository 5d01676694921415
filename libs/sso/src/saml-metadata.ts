import type { Element } from '@xmldom/xmldom';
import { DomainError } from '#libs/kernel';
import { pemOf } from './certificates.ts';
import type { SamlSettings } from './provider.ts';
import { attributeOf, childrenOf, onlyChild, parseStrictly, textOf } from './safe-xml.ts';
import { BINDING_REDIRECT, DSIG, METADATA, SAMLP } from './saml-names.ts';
import { safeAddress } from './sign-on-address.ts';

export const MAX_METADATA_CHARACTERS = 512 * 1024;
const MAX_CERTIFICATES = 10;
const MAX_ENTITY_ID = 1_024;

const refused = (detail: string, cause?: unknown) => new DomainError('SSO.METADATA_INVALID', { detail, cause });

/**
 * Reads the metadata an administrator uploads; nothing in it is fetched.
 * @throws DomainError SSO.METADATA_INVALID with a sentence that says what is missing
 */
export function readSamlMetadata(xml: string): SamlSettings {
  const entity = parse(xml);
  if (entity.namespaceURI !== METADATA || entity.localName !== 'EntityDescriptor')
    throw refused('EntityDescriptor が1つだけのメタデータ（XML）を選んでください。');
  const provider = onlyChild(entity, METADATA, 'IDPSSODescriptor');
  if (!provider || !attributeOf(provider, 'protocolSupportEnumeration')?.split(/\s+/).includes(SAMLP))
    throw refused(
      'SAML 2.0 の IdP の情報（IDPSSODescriptor）がありません。SP のメタデータではないか確認してください。',
    );
  if (attributeOf(provider, 'WantAuthnRequestsSigned') === 'true')
    throw refused('署名付きの認証要求を求める設定です。IdP 側で、署名のない要求を受け付ける設定にしてください。');
  const entityId = attributeOf(entity, 'entityID');
  if (!entityId || entityId.length > MAX_ENTITY_ID) throw refused('entityID がありません。');
  const signOn = childrenOf(provider, METADATA, 'SingleSignOnService').find(
    (service) => attributeOf(service, 'Binding') === BINDING_REDIRECT,
  );
  const signOnUrl = safeAddress(signOn && attributeOf(signOn, 'Location'));
  if (!signOnUrl) throw refused('HTTP-Redirect のサインイン先（https）がありません。');
  return { kind: 'saml', entityId, signOnUrl, certificates: certificatesIn(provider) };
}

function parse(xml: string): Element {
  try {
    return parseStrictly(xml, { comments: 'allowed' });
  } catch (error) {
    throw refused('XML として読み取れないか、使えない書き方（DTD、実体参照など）が含まれています。', error);
  }
}

function certificatesIn(provider: Element): string[] {
  const ders = childrenOf(provider, METADATA, 'KeyDescriptor')
    .filter((descriptor) => (attributeOf(descriptor, 'use') ?? 'signing') === 'signing')
    .flatMap((descriptor) => childrenOf(descriptor, DSIG, 'KeyInfo'))
    .flatMap((info) => childrenOf(info, DSIG, 'X509Data'))
    .flatMap((data) => childrenOf(data, DSIG, 'X509Certificate'))
    .map((element) => (textOf(element) ?? '').replaceAll(/\s/g, ''));
  if (ders.length === 0 || ders.length > MAX_CERTIFICATES) throw refused('署名用の証明書が1つから10個まで必要です。');
  try {
    return [...new Set(ders.map(pemOf))];
  } catch (error) {
    throw refused('証明書を読み取れません。', error);
  }
}
