import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import { IdentityModule } from '#libs/identity';
import { AccessGuard, CityCredentialsGuard, VendorCredentialsGuard } from './access.guard.ts';
import { NetworkRulesGuard } from './network-rules.ts';
import { MemberPasswordStrategy, VendorPasswordStrategy } from './password-strategies.ts';
import { REQUEST_LIMITS, type RequestLimits, RequestLimitsGuard } from './request-limits.ts';
import { ApiKeyStrategy, MemberSessionStrategy, ServiceKeyStrategy, VendorSessionStrategy } from './strategies.ts';

/** Who is asking, and may they: for every route. */
@Module({
  imports: [PassportModule, IdentityModule],
  // Guards run in this order.
  providers: [
    MemberPasswordStrategy,
    MemberSessionStrategy,
    ApiKeyStrategy,
    VendorPasswordStrategy,
    VendorSessionStrategy,
    ServiceKeyStrategy,
    CityCredentialsGuard,
    VendorCredentialsGuard,
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_GUARD, useClass: RequestLimitsGuard },
    { provide: APP_GUARD, useClass: NetworkRulesGuard },
  ],
})
export class AccessModule {
  static forRoot(limits: RequestLimits): DynamicModule {
    return { module: AccessModule, providers: [{ provide: REQUEST_LIMITS, useValue: limits }] };
  }
}
