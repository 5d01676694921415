export type { Actor, ApiKeyActor, CityActor, MemberActor, VendorActor } from './actor.ts';
export { ApiKeyAuthenticator } from './api-key-authenticator.ts';
export { IdentityModule } from './identity.module.ts';
export * from './permissions.ts';
export { SessionAuthenticator } from './session-authenticator.ts';
export { VendorAuthenticator } from './vendor-authenticator.ts';
