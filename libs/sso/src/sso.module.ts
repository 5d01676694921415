import { type DynamicModule, Module } from '@nestjs/common';
import type { SsoConfig } from '#libs/config';
import { IdentityModule } from '#libs/identity';
import { TenancyModule } from '#libs/tenancy';
import { BackChannel } from './back-channel.ts';
import { IdentityProviders } from './identity-providers.ts';
import { MemberIdentities } from './member-identities.ts';
import { ProviderAdministration } from './provider-administration.ts';
import { SsoRequests } from './sso-requests.ts';
import { SsoSignIn } from './sso-sign-in.ts';

/** Sign-in by a city's own identity provider. */
@Module({})
export class SsoModule {
  static forRoot({ backChannelOrigins }: SsoConfig): DynamicModule {
    return {
      module: SsoModule,
      imports: [IdentityModule, TenancyModule],
      providers: [
        { provide: BackChannel, useValue: new BackChannel(backChannelOrigins) },
        IdentityProviders,
        MemberIdentities,
        ProviderAdministration,
        SsoRequests,
        SsoSignIn,
      ],
      exports: [ProviderAdministration, SsoSignIn],
    };
  }
}
