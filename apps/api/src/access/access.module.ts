import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import { IdentityModule } from '#libs/identity';
import { AccessGuard, CityCredentialsGuard, VendorCredentialsGuard } from './access.guard.ts';
import { MemberPasswordStrategy, VendorPasswordStrategy } from './password-strategies.ts';
import { ApiKeyStrategy, MemberSessionStrategy, ServiceKeyStrategy, VendorSessionStrategy } from './strategies.ts';

/** Who is asking, and may they: for every route. */
@Module({
  imports: [PassportModule, IdentityModule],
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
  ],
})
export class AccessModule {}
