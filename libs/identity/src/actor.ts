import type { TenantScope } from '#libs/database';
import type { SegmentPolicy } from '#libs/tenancy';
import type { ApiKeyScope, MemberRole, Permission, ServiceKeyScope, VendorRole } from './permissions.ts';

interface CityFacts {
  readonly id: string;
  readonly code: string;
  readonly name: string;
}

/** How far a session has come; only a whole one does anything but finish signing in. */
export type SessionStage = 'second_factor' | 'enrolment' | 'whole';

/** A signed-in member of a city. The scope is that of the network the session was opened on. */
export interface MemberActor {
  readonly type: 'member';
  readonly id: string;
  readonly sessionId: string;
  readonly stage: SessionStage;
  /** Opened with a second factor, or by an identity provider that vouches for one. */
  readonly strong: boolean;
  readonly scope: TenantScope;
  /** Of the scope's network, as it was when the session was last read. */
  readonly policy: SegmentPolicy;
  readonly city: CityFacts;
  /** Last JST day of the city's trial; null when it is on none. */
  readonly trialEndsOn: string | null;
  readonly loginId: string;
  readonly displayName: string;
  readonly role: MemberRole;
  readonly department: { readonly id: string; readonly code: string; readonly name: string } | null;
  readonly permissions: ReadonlySet<Permission>;
  readonly expiresAt: Date;
}

/** A city's own system, working with an API key. */
export interface ApiKeyActor {
  readonly type: 'api_key';
  readonly id: string;
  readonly scope: TenantScope;
  readonly policy: SegmentPolicy;
  readonly trialEndsOn: string | null;
  readonly name: string;
  readonly scopes: readonly ApiKeyScope[];
  readonly permissions: ReadonlySet<Permission>;
}

/** A person of the vendor. Has no scope: the vendor is no tenant and reads no content. */
export interface VendorActor {
  readonly type: 'vendor';
  readonly id: string;
  readonly sessionId: string;
  readonly stage: SessionStage;
  readonly loginId: string;
  readonly displayName: string;
  readonly role: VendorRole;
  readonly permissions: ReadonlySet<Permission>;
  readonly expiresAt: Date;
}

/** One of the vendor's own systems, working with a service key. It reads and decides nothing. */
export interface ServiceKeyActor {
  readonly type: 'service_key';
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly ServiceKeyScope[];
  readonly permissions: ReadonlySet<Permission>;
  readonly expiresAt: Date;
}

export type CityActor = MemberActor | ApiKeyActor;
/** Somebody at a keyboard. */
export type Person = MemberActor | VendorActor;
export type Actor = CityActor | VendorActor | ServiceKeyActor;
