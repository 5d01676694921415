export { FrozenClock } from './frozen-clock.ts';
export { propertyRuns } from './property-runs.ts';
export type { ProvidedServices } from './provided-services.ts';
export { type ProvidedStack, runningStack } from './running-stack.ts';
export { type DatabaseUrls, type TestDatabase, createTestDatabase } from './test-database.ts';
export { type OpenIdAnswer, OpenIdProvider } from './openid-provider.ts';
export { type AssertionFields, SamlIdentityProvider } from './saml-identity-provider.ts';
export { type TestRedis, createTestRedis } from './test-redis.ts';
