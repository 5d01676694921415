export { AccessRefusals } from './sessions/access-refusals.ts';
export type {
  Actor,
  ApiKeyActor,
  CityActor,
  MemberActor,
  Person,
  ServiceKeyActor,
  SessionStage,
  VendorActor,
} from './actor.ts';
export { ApiKeyAuthenticator } from './keys/api-key-authenticator.ts';
export { type ApiKey, ApiKeyRegistry } from './keys/api-key-registry.ts';
export { CityAccess } from './sessions/city-access.ts';
export { type FactorHolder, FactorHolders } from './factors/factor-holder.ts';
export type { PasskeyPlace } from './factors/passkeys.ts';
export { type Factor, type FactorKind, type FactorProof, SecondFactors } from './factors/second-factors.ts';
export { StepUps } from './factors/step-ups.ts';
export { FirstAdmin } from './members/first-admin.ts';
export { IdentityModule } from './identity.module.ts';
export { type Envelope, InvitationMails } from './members/invitation-mails.ts';
export { type InvitationView, Invitations, type IssuedInvitation } from './members/invitations.ts';
export {
  type Member,
  type MemberChange,
  MemberDirectory,
  type MemberQuery,
  type MemberStatus,
  type NewMember,
} from './members/member-directory.ts';
export { loginIdKey } from './members/login-id.ts';
export { MemberAdministration } from './members/member-administration.ts';
export { MemberPasswords, type PasswordChange } from './passwords/member-passwords.ts';
export { MemberProvisioning } from './provisioning/member-provisioning.ts';
export {
  MemberSessions,
  type MemberSignIn,
  type OpenedSession,
  type SessionToken,
} from './sessions/member-sessions.ts';
export { type OpenSession, OpenSessions } from './sessions/open-sessions.ts';
export * from './permissions.ts';
export { type Entrance, SegmentDoor } from './sessions/segment-door.ts';
export { RIGHTS_END_AT } from './members/rights-end.ts';
export { hashSecret, isSecretOf, newSecret, readSessionToken, writeSessionToken } from './keys/secrets.ts';
export { type ProvisionedGroup, ProvisionedGroups } from './provisioning/provisioned-groups.ts';
export {
  type ProvisionedFacts,
  type ProvisionedMember,
  ProvisionedMembers,
} from './provisioning/provisioned-members.ts';
export { type ProvisionedRole, ProvisionedRoles } from './provisioning/provisioned-roles.ts';
export { ServiceKeyAuthenticator } from './keys/service-key-authenticator.ts';
export { type ServiceKey, ServiceKeys } from './keys/service-keys.ts';
export { SessionAuthenticator } from './sessions/session-authenticator.ts';
export { VendorAuthenticator } from './vendor/vendor-authenticator.ts';
export { type NewVendorUser, VendorDirectory, type VendorUser } from './vendor/vendor-directory.ts';
export { VendorSessions } from './vendor/vendor-sessions.ts';
