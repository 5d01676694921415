export { certificatesOf } from './certificates.ts';
export type { LinkedMember } from './member-identities.ts';
export { ProviderAdministration } from './provider-administration.ts';
export { type IdentityProvider, OIDC_FLOWS, PROVIDER_KINDS, addressesOf } from './provider.ts';
export { MAX_METADATA_CHARACTERS } from './saml-metadata.ts';
export { serviceProviderMetadata } from './saml-protocol.ts';
export { SsoModule } from './sso.module.ts';
export { type Arrival, type Departure, SsoSignIn } from './sso-sign-in.ts';
