import { type Server, createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { type SigningPair, signingPair } from './signing-certificate.ts';

interface Entity {
  getMetadata(): string;
  readonly entityMeta: { getEntityID(): string; getAssertionConsumerService(binding: string): unknown };
}

interface LoginRequest {
  readonly extract: { readonly request?: unknown };
}

interface SamlifyProvider extends Entity {
  parseLoginRequest(from: Entity, binding: 'redirect', request: object): Promise<LoginRequest>;
  createLoginResponse(
    to: Entity,
    request: LoginRequest,
    binding: 'post',
    user: object,
    options: { customTagReplacement: () => { id: string; context: string } },
  ): Promise<{ context: string }>;
}

interface Samlify {
  IdentityProvider(settings: object): SamlifyProvider;
  ServiceProvider(settings: object): Entity;
  setSchemaValidator(validator: object): void;
}

// Its own types bring a browser's globals into every file of the program.
const { IdentityProvider, ServiceProvider, setSchemaValidator } = createRequire(import.meta.url)('samlify') as Samlify;

const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
const MINUTE_MS = 60_000;

// What is being tested is how we read its answers, not how it reads our questions.
setSchemaValidator({ validate: () => Promise.resolve('not checked') });

/** Everything an assertion says; a test of an attack changes one of them. */
export interface AssertionFields {
  readonly inResponseTo: string;
  readonly issuer: string;
  readonly audience: string;
  readonly recipient: string;
  readonly destination: string;
  readonly nameId: string;
  readonly nameIdFormat: string;
  readonly issuedAt: Date;
  readonly notBefore: Date;
  readonly notOnOrAfter: Date;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface SamlIdentityProviderOptions {
  readonly name?: string;
  /** Days until the certificate ends; negative: it has. */
  readonly certificateDays?: number;
  readonly signatureAlgorithm?: string;
}

/**
 * A real SAML 2.0 identity provider (samlify) for tests: reads AuthnRequests, signs assertions, and serves a sign-in page
 * that takes anybody at their word.
 */
export class SamlIdentityProvider implements AsyncDisposable {
  private serviceProvider: Entity | undefined;

  private constructor(
    private readonly server: Server,
    readonly entityId: string,
    private readonly pair: SigningPair,
    private readonly signatureAlgorithm: string,
  ) {}

  static async start(options: SamlIdentityProviderOptions = {}): Promise<SamlIdentityProvider> {
    const { name = 'idp', certificateDays, signatureAlgorithm = RSA_SHA256 } = options;
    const pair = await signingPair(name, certificateDays);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const provider = new SamlIdentityProvider(server, `http://127.0.0.1:${port}/${name}`, pair, signatureAlgorithm);
    server.on('request', (request, response) => {
      void provider.serve(new URL(request.url ?? '/', provider.entityId)).then((page) => {
        response.setHeader('content-type', 'text/html; charset=utf-8').end(page);
      });
    });
    return provider;
  }

  /** The metadata its administrator hands out. */
  get metadata(): string {
    return this.library.getMetadata();
  }

  /** Its administrator registers us. */
  trust(serviceProviderMetadata: string): void {
    this.serviceProvider = ServiceProvider({ metadata: serviceProviderMetadata });
  }

  /** Answers a request for somebody. @param location where our sign-in sent the browser */
  async answer(location: string, nameId: string, change: Partial<AssertionFields> = {}): Promise<string> {
    const serviceProvider = this.serviceProvider!;
    const query = Object.fromEntries(new URL(location).searchParams);
    const read = await this.library.parseLoginRequest(serviceProvider, 'redirect', { query });
    const request = read.extract.request as { id: string };
    const recipient = String(serviceProvider.entityMeta.getAssertionConsumerService('post'));
    const fields: AssertionFields = {
      inResponseTo: request.id,
      issuer: this.entityId,
      audience: serviceProvider.entityMeta.getEntityID(),
      recipient,
      destination: recipient,
      nameId,
      nameIdFormat: PERSISTENT,
      issuedAt: new Date(),
      notBefore: new Date(Date.now() - MINUTE_MS),
      notOnOrAfter: new Date(Date.now() + 5 * MINUTE_MS),
      attributes: {},
      ...change,
    };
    const { context } = await this.library.createLoginResponse(
      serviceProvider,
      { extract: read.extract },
      'post',
      {},
      {
        customTagReplacement: () => ({ id: '_response', context: responseOf(fields) }),
      },
    );
    return context;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
  }

  private get library() {
    return IdentityProvider({
      entityID: this.entityId,
      privateKey: this.pair.privateKey,
      signingCert: this.pair.certificate,
      isAssertionEncrypted: false,
      requestSignatureAlgorithm: this.signatureAlgorithm,
      wantAuthnRequestsSigned: false,
      singleSignOnService: [
        { Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect', Location: `${this.entityId}/sign-on` },
      ],
      // never used; the library asks for it on the console
      singleLogoutService: [
        { Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect', Location: `${this.entityId}/sign-off` },
      ],
      loginResponseTemplate: { context: '<replaced/>', attributes: [] },
    });
  }

  /** First a form that asks who it is, then one that takes the answer to us. */
  private async serve(url: URL): Promise<string> {
    const person = url.searchParams.get('person');
    if (person === null) {
      const hidden = [...url.searchParams].map(([name, value]) => field(name, value)).join('');
      return page(`<form><label>職員番号 <input name="person"></label>${hidden}<button>認証する</button></form>`);
    }
    const response = await this.answer(url.href, person, { attributes: { displayName: `職員 ${person}` } });
    const action = String(this.serviceProvider!.entityMeta.getAssertionConsumerService('post'));
    return page(
      `<form method="post" action="${action}">${field('SAMLResponse', response)}<button>続ける</button></form>
       <script>document.forms[0].submit()</script>`,
    );
  }
}

const page = (body: string): string => `<!doctype html><html lang="ja"><title>庁内認証基盤</title><body>${body}</body>`;
const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const field = (name: string, value: string): string =>
  `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`;

let counter = 0;

function responseOf(fields: AssertionFields): string {
  counter += 1;
  const [response, assertion] = [`_r${counter}_${Date.now()}`, `_a${counter}_${Date.now()}`];
  const at = (date: Date) => date.toISOString();
  const attributes = Object.entries(fields.attributes).map(
    ([name, value]) =>
      `<saml:Attribute Name="${escape(name)}"><saml:AttributeValue>${escape(value)}</saml:AttributeValue></saml:Attribute>`,
  );
  return `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${response}" Version="2.0" IssueInstant="${at(fields.issuedAt)}" Destination="${fields.destination}" InResponseTo="${fields.inResponseTo}"><saml:Issuer>${fields.issuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><saml:Assertion ID="${assertion}" Version="2.0" IssueInstant="${at(fields.issuedAt)}"><saml:Issuer>${fields.issuer}</saml:Issuer><saml:Subject><saml:NameID Format="${fields.nameIdFormat}">${fields.nameId}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="${at(fields.notOnOrAfter)}" Recipient="${fields.recipient}" InResponseTo="${fields.inResponseTo}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${at(fields.notBefore)}" NotOnOrAfter="${at(fields.notOnOrAfter)}"><saml:AudienceRestriction><saml:Audience>${fields.audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="${at(fields.issuedAt)}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>${attributes.length > 0 ? `<saml:AttributeStatement>${attributes.join('')}</saml:AttributeStatement>` : ''}</saml:Assertion></samlp:Response>`;
}
