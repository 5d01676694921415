import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { ContentSeal, TenantDatabase, type TenantScope, type TenantTransaction } from '#libs/database';
import { type Entrance, MemberSessions, SegmentDoor } from '#libs/identity';
import { Clock, DomainError, type TenantId } from '#libs/kernel';
import { BackChannel } from './back-channel.ts';
import { assertSomeValid } from './certificates.ts';
import { IdentityProviders } from './identity-providers.ts';
import { MemberIdentities } from './member-identities.ts';
import { oidcSignOnUrl, readOidcAnswer } from './oidc-protocol.ts';
import type { ExternalIdentity, IdentityProvider, PendingSignIn, TestedIdentity } from './provider.ts';
import { readSamlResponse, samlSignOnUrl } from './saml-protocol.ts';
import { SECRET_COLUMN } from './sealed-place.ts';
import { SsoRequests, type UsedSignIn, readRequestToken } from './sso-requests.ts';

/** What a browser is sent away with. */
export interface Departure {
  /** Address of the identity provider. */
  readonly location: string;
  /** For the cookie that proves on return who left. */
  readonly token: string;
  readonly expiresAt: Date;
}

/** A browser that comes back. */
export interface Return {
  readonly providerId: string;
  readonly entrance: Entrance;
  readonly cookie: string | undefined;
  /** What the identity provider sent through the browser, by form or address. */
  readonly parameters: URLSearchParams;
}

export type Arrival =
  /** Unfinished: a second factor is still to be proven or enrolled. */
  | { readonly kind: 'signed-in' | 'unfinished'; readonly token: string; readonly expiresAt: Date }
  | { readonly kind: 'tested'; readonly providerId: string };

/** Takes a person to the city's identity provider and back. */
@Injectable()
export class SsoSignIn {
  constructor(
    private readonly database: TenantDatabase,
    private readonly seal: ContentSeal,
    private readonly providers: IdentityProviders,
    private readonly requests: SsoRequests,
    private readonly identities: MemberIdentities,
    private readonly sessions: MemberSessions,
    private readonly door: SegmentDoor,
    private readonly backChannel: BackChannel,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** The buttons of a city's sign-in page. Of a city that is not here, is suspended or has none there are none, alike. */
  async offered(cityCode: string, entrance: Entrance): Promise<Pick<IdentityProvider, 'id' | 'name'>[]> {
    const scope = await this.activeCity(cityCode, entrance);
    const providers = scope ? await this.database.run(scope, (tx) => this.providers.list(tx)) : [];
    return providers.filter(({ enabled }) => enabled).map(({ id, name }) => ({ id, name }));
  }

  /** @throws DomainError REQUEST.NOT_FOUND, SSO.CERTIFICATE_EXPIRED, TENANCY.SEGMENT_CLOSED, TENANCY.ADDRESS_REFUSED */
  async depart(cityCode: string, providerId: string, entrance: Entrance): Promise<Departure> {
    const scope = await this.activeCity(cityCode, entrance);
    if (!scope) throw new DomainError('REQUEST.NOT_FOUND');
    return this.database.run(scope, async (tx) => {
      const provider = await this.providers.get(tx, providerId);
      if (!provider.enabled) throw new DomainError('REQUEST.NOT_FOUND');
      return this.send(tx, provider, null);
    });
  }

  /** An administrator's trial, also of a provider that is not enabled: nobody is signed in by it. */
  async departForTest(scope: TenantScope, testerId: string, providerId: string): Promise<Departure> {
    return this.database.run(scope, async (tx) => this.send(tx, await this.providers.get(tx, providerId), testerId));
  }

  /**
   * Proves what came back and signs its person in; the attempt is used up whatever comes of it.
   * @throws DomainError SSO.*, TENANCY.SUSPENDED, TENANCY.SEGMENT_CLOSED, TENANCY.ADDRESS_REFUSED
   */
  async arrive({ providerId, entrance, cookie, parameters }: Return): Promise<Arrival> {
    const token = readRequestToken(cookie ?? '');
    if (!token) throw new DomainError('SSO.NOT_STARTED_HERE');
    const scope: TenantScope = { tenantId: token.tenantId, segment: entrance.segment };
    await this.door.enter(scope, entrance.address);
    const { provider, request, sealed } = await this.database.run(scope, async (tx) => {
      const used = await this.requests.use(tx, providerId, token);
      const found = await this.providers.get(tx, providerId);
      return { request: used, provider: found, sealed: await this.providers.sealedSecret(tx, providerId) };
    });
    try {
      const clientSecret = sealed && (await this.seal.forTenant(scope)).open(SECRET_COLUMN(providerId), sealed);
      const identity = await this.prove(provider, request, { parameters, clientSecret });
      if (request.testerId !== null) return await this.tested(scope, provider, request, { identity, code: null });
      return await this.signIn(scope, provider, identity);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      if (request.testerId !== null) return this.tested(scope, provider, request, { identity: null, code: error.code });
      await this.recordRefusal(scope, provider, error);
      throw error;
    }
  }

  private async send(tx: TenantTransaction, provider: IdentityProvider, testerId: string | null): Promise<Departure> {
    const { settings } = provider;
    if (!settings) throw new DomainError('SSO.NOT_READY');
    assertSomeValid(settings, this.clock.now());
    const { token, expiresAt, ...pending } = await this.requests.begin(tx, provider.id, testerId);
    const location = await (settings.kind === 'saml'
      ? samlSignOnUrl(provider, settings, pending)
      : oidcSignOnUrl(provider, settings, pending));
    return { location, token, expiresAt };
  }

  private prove(
    provider: IdentityProvider,
    pending: PendingSignIn,
    { parameters, clientSecret }: { parameters: URLSearchParams; clientSecret: string | null },
  ): Promise<ExternalIdentity> {
    const { settings } = provider;
    const now = this.clock.now();
    if (!settings) throw new DomainError('SSO.PROVIDER_DISABLED');
    if (settings.kind === 'oidc')
      return readOidcAnswer(provider, settings, pending, { parameters, clientSecret, now }, this.backChannel);
    const encoded = parameters.get('SAMLResponse');
    if (encoded === null) throw new DomainError('SSO.RESPONSE_MALFORMED');
    return readSamlResponse(provider, settings, pending, { encoded, now });
  }

  private async signIn(scope: TenantScope, provider: IdentityProvider, identity: ExternalIdentity): Promise<Arrival> {
    return this.database.run(scope, async (tx) => {
      // Read again under this transaction: it may have been switched off while the person was away.
      const { enabled } = await this.providers.get(tx, provider.id);
      if (!enabled) throw new DomainError('SSO.PROVIDER_DISABLED');
      if (!(await this.isActive(tx, scope.tenantId))) throw new DomainError('TENANCY.SUSPENDED');
      await this.identities.spend(tx, provider.id, identity);
      const memberId = await this.identities.resolve(tx, provider, identity);
      // A provider that does not vouch for a second factor has proven no more than a password would.
      const proof = provider.vouchesForMfa ? 'strong' : 'password';
      const { id, token, expiresAt, stage } = await this.sessions.insert(tx, memberId, proof);
      if (stage !== 'whole') return { kind: 'unfinished', token, expiresAt };
      await this.audit.append(tx, {
        action: 'session.opened',
        actor: { type: 'member', id: memberId },
        segment: scope.segment,
        subject: { type: 'session', id },
        details: { providerId: provider.id },
      });
      return { kind: 'signed-in', token, expiresAt };
    });
  }

  private async tested(
    scope: TenantScope,
    { id }: IdentityProvider,
    { testerId }: UsedSignIn,
    { identity, code }: { identity: ExternalIdentity | null; code: string | null },
  ): Promise<Arrival> {
    const seen: TestedIdentity | null = identity && {
      subject: identity.subject,
      loginId: identity.loginId,
      displayName: identity.displayName,
      departmentCode: identity.departmentCode,
    };
    const result = { at: this.clock.now().toISOString(), code, identity: seen };
    await this.database.run(scope, (tx) => this.providers.keepTest(tx, { type: 'member', id: testerId }, id, result));
    return { kind: 'tested', providerId: id };
  }

  private async recordRefusal(scope: TenantScope, { id }: IdentityProvider, { code }: DomainError): Promise<void> {
    await this.database.run(scope, (tx) =>
      this.audit.append(tx, {
        action: 'session.refused',
        actor: { type: 'anonymous', id: null },
        segment: scope.segment,
        subject: { type: 'identity-provider', id },
        outcome: 'refused',
        details: { code },
      }),
    );
  }

  private async activeCity(cityCode: string, { segment, address }: Entrance): Promise<TenantScope | null> {
    const tenantId = await this.database.tenantIdByCode(cityCode);
    const scope = tenantId && { tenantId, segment };
    if (!scope || !(await this.database.run(scope, (tx) => this.isActive(tx, tenantId)))) return null;
    await this.door.enter(scope, address);
    return scope;
  }

  private async isActive(tx: TenantTransaction, tenantId: TenantId): Promise<boolean> {
    const [row] = await tx.query<{ status: string }>('SELECT status FROM tenants WHERE id = $1', [tenantId]);
    return row?.status === 'active';
  }
}
