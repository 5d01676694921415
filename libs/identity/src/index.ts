export { AccessRefusals } from './access-refusals.ts';
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
export { ApiKeyAuthenticator } from './api-key-authenticator.ts';
export { type ApiKey, ApiKeyRegistry } from './api-key-registry.ts';
export { CityAccess } from './city-access.ts';
export { type FactorHolder, FactorHolders } from './factors/factor-holder.ts';
export type { PasskeyPlace } from './factors/passkeys.ts';
export { type Factor, type FactorKind, type FactorProof, SecondFactors } from './factors/second-factors.ts';
export { StepUps } from './factors/step-ups.ts';
export { FirstAdmin } from './first-admin.ts';
export { IdentityModule } from './identity.module.ts';
export { type Envelope, InvitationMails } from './invitation-mails.ts';
export { type InvitationView, Invitations, type IssuedInvitation } from './invitations.ts';
export {
  type Member,
  type MemberChange,
  MemberDirectory,
  type MemberQuery,
  type MemberStatus,
  type NewMember,
} from './member-directory.ts';
export { loginIdKey } from './login-id.ts';
export { MemberAdministration } from './member-administration.ts';
export { MemberPasswords, type PasswordChange } from './member-passwords.ts';
export { MemberProvisioning } from './member-provisioning.ts';
export { MemberSessions, type MemberSignIn, type OpenedSession, type SessionToken } from './member-sessions.ts';
export { type OpenSession, OpenSessions } from './open-sessions.ts';
export * from './permissions.ts';
export { type Entrance, SegmentDoor } from './segment-door.ts';
export { RIGHTS_END_AT } from './rights-end.ts';
export { hashSecret, isSecretOf, newSecret, readSessionToken, writeSessionToken } from './secrets.ts';
export { type ProvisionedGroup, ProvisionedGroups } from './provisioned-groups.ts';
export { type ProvisionedFacts, type ProvisionedMember, ProvisionedMembers } from './provisioned-members.ts';
export { type ProvisionedRole, ProvisionedRoles } from './provisioned-roles.ts';
export { ServiceKeyAuthenticator } from './service-key-authenticator.ts';
export { type ServiceKey, ServiceKeys } from './service-keys.ts';
export { SessionAuthenticator } from './session-authenticator.ts';
export { VendorAuthenticator } from './vendor-authenticator.ts';
export { type NewVendorUser, VendorDirectory, type VendorUser } from './vendor-directory.ts';
export { VendorSessions } from './vendor-sessions.ts';
