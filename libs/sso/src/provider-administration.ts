import { Injectable } from '@nestjs/common';
import { ContentSeal, TenantDatabase, type TenantTransaction } from '#libs/database';
import { CityAccess, type MemberActor } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { BackChannel } from './back-channel.ts';
import { IdentityProviders, type NewProvider, type ProviderChange } from './identity-providers.ts';
import { MemberIdentities } from './member-identities.ts';
import { type OidcUpload, readOidcUpload } from './oidc-metadata.ts';
import type { IdentityProvider, ProviderKind } from './provider.ts';
import { readSamlMetadata } from './saml-metadata.ts';
import { SECRET_COLUMN } from './sealed-place.ts';

export interface OidcConfiguration extends OidcUpload {
  /** Undefined keeps the one that is stored; null makes us a public client. */
  readonly clientSecret?: string | null;
}

/** What a city's administrator does to the identity providers of the network the administrator is signed in on. */
@Injectable()
export class ProviderAdministration {
  constructor(
    private readonly database: TenantDatabase,
    private readonly seal: ContentSeal,
    private readonly providers: IdentityProviders,
    private readonly identities: MemberIdentities,
    private readonly backChannel: BackChannel,
    private readonly access: CityAccess,
  ) {}

  list({ scope }: MemberActor): Promise<IdentityProvider[]> {
    return this.database.run(scope, (tx) => this.providers.list(tx));
  }

  /** @throws DomainError REQUEST.NOT_FOUND */
  get({ scope }: MemberActor, id: string): Promise<IdentityProvider> {
    return this.database.run(scope, (tx) => this.providers.get(tx, id));
  }

  /** @throws DomainError see IdentityProviders.create */
  create(actor: MemberActor, provider: NewProvider, key?: string): Promise<IdentityProvider> {
    return this.database.run(actor.scope, (tx) => this.providers.create(tx, actor, provider, key));
  }

  /** Switched off, a provider's people are signed out at once. @throws DomainError see IdentityProviders.change */
  async change(actor: MemberActor, id: string, change: ProviderChange): Promise<IdentityProvider> {
    const changed = await this.database.run(actor.scope, async (tx) => {
      if (change.enabled === false) await this.providers.endSessions(tx, id);
      return this.providers.change(tx, actor, id, change);
    });
    if (change.enabled === false) this.access.changed(actor.scope.tenantId);
    return changed;
  }

  /** @throws DomainError REQUEST.NOT_FOUND, SSO.METADATA_INVALID */
  async configureSaml(actor: MemberActor, id: string, metadata: string): Promise<IdentityProvider> {
    return this.database.run(actor.scope, async (tx) => {
      await this.assertKind(tx, id, 'saml');
      const settings = readSamlMetadata(metadata);
      return this.providers.configure(tx, actor, id, { settings, sealedSecret: null });
    });
  }

  /** @throws DomainError REQUEST.NOT_FOUND, SSO.METADATA_INVALID, SSO.BACK_CHANNEL_CLOSED */
  async configureOidc(actor: MemberActor, id: string, upload: OidcConfiguration): Promise<IdentityProvider> {
    const { clientSecret } = upload;
    const fresh = clientSecret && (await this.seal.forTenant(actor.scope)).seal(SECRET_COLUMN(id), clientSecret);
    return this.database.run(actor.scope, async (tx) => {
      await this.assertKind(tx, id, 'oidc');
      const sealedSecret = clientSecret === undefined ? await this.providers.sealedSecret(tx, id) : fresh || null;
      const settings = readOidcUpload(upload, sealedSecret !== null, this.backChannel);
      return this.providers.configure(tx, actor, id, { settings, sealedSecret });
    });
  }

  /** @throws DomainError REQUEST.NOT_FOUND, SSO.STILL_ENABLED */
  remove(actor: MemberActor, id: string): Promise<void> {
    return this.database.run(actor.scope, (tx) => this.providers.remove(tx, actor, id));
  }

  /** Members tied to the provider, one page in order of login id. @throws DomainError REQUEST.NOT_FOUND */
  linked({ scope }: MemberActor, id: string, page: { after: string; limit: number }) {
    return this.database.run(scope, async (tx) => {
      await this.providers.get(tx, id);
      return this.identities.list(tx, id, page);
    });
  }

  /** @throws DomainError REQUEST.NOT_FOUND, SSO.SUBJECT_TAKEN */
  link(actor: MemberActor, id: string, tie: { memberId: string; subject: string }): Promise<void> {
    return this.database.run(actor.scope, async (tx) =>
      this.identities.link(tx, actor, await this.providers.get(tx, id), tie),
    );
  }

  /** The member is signed out at once. @throws DomainError REQUEST.NOT_FOUND */
  async unlink(actor: MemberActor, id: string, memberId: string): Promise<void> {
    await this.database.run(actor.scope, async (tx) =>
      this.identities.unlink(tx, actor, await this.providers.get(tx, id), memberId),
    );
    this.access.changed(actor.scope.tenantId);
  }

  private async assertKind(tx: TenantTransaction, id: string, kind: ProviderKind): Promise<void> {
    const provider = await this.providers.get(tx, id);
    if (provider.kind !== kind) throw new DomainError('REQUEST.NOT_FOUND');
  }
}
