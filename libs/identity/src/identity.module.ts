import { Module } from '@nestjs/common';
import { ApiKeyAuthenticator } from './api-key-authenticator.ts';
import { SessionAuthenticator } from './session-authenticator.ts';
import { VendorAuthenticator } from './vendor-authenticator.ts';

const PROVIDERS = [ApiKeyAuthenticator, SessionAuthenticator, VendorAuthenticator];

/** Who is who, in a process that serves both planes. Needs the vendor's database roles. */
@Module({ providers: PROVIDERS, exports: PROVIDERS })
export class IdentityModule {}
