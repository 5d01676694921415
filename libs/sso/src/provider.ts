import type { JSONWebKeySet } from 'jose';
import type { Segment } from '#libs/kernel';

export const PROVIDER_KINDS = ['saml', 'oidc'] as const;
export type ProviderKind = (typeof PROVIDER_KINDS)[number];

/** How far the clocks of a closed network may go apart, both ways. */
export const CLOCK_SKEW_MS = 90_000;

/** What a SAML identity provider says of itself in its metadata. */
export interface SamlSettings {
  readonly kind: 'saml';
  readonly entityId: string;
  /** Where the browser takes the request (HTTP-Redirect). */
  readonly signOnUrl: string;
  /** PEM, those that sign. */
  readonly certificates: readonly string[];
}

/** `code`: the server fetches the token. `id_token`: the browser brings it, and the server calls nobody. */
export const OIDC_FLOWS = ['code', 'id_token'] as const;
export type OidcFlow = (typeof OIDC_FLOWS)[number];

export interface OidcSettings {
  readonly kind: 'oidc';
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  /** Null where nothing but the browser's way is used. */
  readonly tokenEndpoint: string | null;
  /** How the client proves itself; null for a public client. */
  readonly clientAuthentication: 'basic' | 'post' | null;
  readonly clientId: string;
  readonly flow: OidcFlow;
  readonly keys: JSONWebKeySet;
}

export type ProviderSettings = SamlSettings | OidcSettings;

/** What an administrator chooses, beside what the metadata says. */
export interface ProviderRules {
  /** The second factor is the identity provider's business; without it ours is asked for. */
  readonly vouchesForMfa: boolean;
  /** Who comes for the first time becomes a member, as staff. */
  readonly createsMembers: boolean;
  /** An existing member of the same login id is tied to who comes for the first time. */
  readonly linksByLoginId: boolean;
  /** Null: NameID (SAML), `preferred_username` (OIDC). */
  readonly loginIdAttribute: string | null;
  /** Null: `displayName` (SAML), `name` (OIDC). */
  readonly displayNameAttribute: string | null;
  /** Null: new members belong to no department. */
  readonly departmentAttribute: string | null;
  /** Department code by value of the attribute; a value that is not here is taken for a code itself. */
  readonly departmentCodes: Readonly<Record<string, string>>;
}

/** What came out of an administrator's trial; the code is that of a DomainError. */
export interface TestResult {
  readonly at: string;
  readonly code: string | null;
  readonly identity: TestedIdentity | null;
}

export interface TestedIdentity {
  readonly subject: string;
  readonly loginId: string | null;
  readonly displayName: string | null;
  readonly departmentCode: string | null;
}

/** A city's own identity provider on one network. */
export interface IdentityProvider extends ProviderRules {
  readonly id: string;
  readonly segment: Segment;
  readonly kind: ProviderKind;
  readonly name: string;
  /** `https://host` that the city's people see Moyai under on this network. */
  readonly origin: string;
  readonly enabled: boolean;
  readonly settings: ProviderSettings | null;
  readonly hasClientSecret: boolean;
  readonly lastTest: TestResult | null;
  readonly createdAt: Date;
}

/** Whom an identity provider has vouched for, proven and read by the provider's rules. */
export interface ExternalIdentity extends TestedIdentity {
  /** Names the assertion or token; it is accepted once, and remembered until nobody would accept it any more. */
  readonly proofId: string;
  readonly proofExpiresAt: Date;
}

/** One sign-in on its way: everything an answer must fit. */
export interface PendingSignIn {
  readonly requestId: string;
  /** Known to the browser that began, and to nobody else; what the protocols ask for is derived from it. */
  readonly secret: string;
  readonly startedAt: Date;
}

/** Our addresses as the identity provider must have them registered. */
export const addressesOf = ({ origin, id }: Pick<IdentityProvider, 'origin' | 'id'>) => ({
  /** Names us to this provider alone: what was issued for another of our cities has another audience. */
  entityId: `${origin}/api/v1/sso/${id}`,
  /** SAML responses and OIDC answers that the browser posts. */
  assertionConsumer: `${origin}/api/v1/sso/${id}/acs`,
  /** OIDC answers in the address. */
  callback: `${origin}/api/v1/sso/${id}/callback`,
});
