import { type DynamicModule, Module } from '@nestjs/common';
import type { SsoConfig } from '#libs/config';
import { SsoModule } from '#libs/sso';
import { IdentityProvidersController } from './identity-providers.controller.ts';
import { LinkedMembersController } from './linked-members.controller.ts';
import { SsoController } from './sso.controller.ts';
import { SsoReturnGuard, SsoReturnStrategy } from './sso-return.strategy.ts';

/** Sign-in by the cities' identity providers, and their administration. */
@Module({})
export class SsoHttpModule {
  static forRoot(config: SsoConfig): DynamicModule {
    return {
      module: SsoHttpModule,
      imports: [SsoModule.forRoot(config)],
      controllers: [SsoController, IdentityProvidersController, LinkedMembersController],
      providers: [SsoReturnStrategy, SsoReturnGuard],
    };
  }
}
