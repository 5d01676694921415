import { Module } from '@nestjs/common';
import { TenancyModule } from '#libs/tenancy';
import { AccessRefusals } from './sessions/access-refusals.ts';
import { ApiKeyAuthenticator } from './keys/api-key-authenticator.ts';
import { ApiKeyRegistry } from './keys/api-key-registry.ts';
import { CityAccess } from './sessions/city-access.ts';
import { FactorHolders } from './factors/factor-holder.ts';
import { Passkeys } from './factors/passkeys.ts';
import { RecoveryCodes } from './factors/recovery-codes.ts';
import { SecondFactors } from './factors/second-factors.ts';
import { StepUps } from './factors/step-ups.ts';
import { FirstAdmin } from './members/first-admin.ts';
import { InvitationMails } from './members/invitation-mails.ts';
import { Invitations } from './members/invitations.ts';
import { MemberAdministration } from './members/member-administration.ts';
import { MemberDirectory } from './members/member-directory.ts';
import { MemberPasswords } from './passwords/member-passwords.ts';
import { MemberProvisioning } from './provisioning/member-provisioning.ts';
import { MemberSessions } from './sessions/member-sessions.ts';
import { OpenSessions } from './sessions/open-sessions.ts';
import { OwnPassword } from './passwords/own-password.ts';
import { PasswordGate } from './passwords/password-gate.ts';
import { PasswordHasher } from './passwords/password-hasher.ts';
import { ProvisionedGroups } from './provisioning/provisioned-groups.ts';
import { ProvisionedMembers } from './provisioning/provisioned-members.ts';
import { ProvisionedRoles } from './provisioning/provisioned-roles.ts';
import { ServiceKeyAuthenticator } from './keys/service-key-authenticator.ts';
import { ServiceKeys } from './keys/service-keys.ts';
import { SegmentDoor } from './sessions/segment-door.ts';
import { SessionAuthenticator } from './sessions/session-authenticator.ts';
import { SignInAttempts } from './passwords/sign-in-attempts.ts';
import { VendorAuthenticator } from './vendor/vendor-authenticator.ts';
import { VendorDirectory } from './vendor/vendor-directory.ts';
import { VendorSessions } from './vendor/vendor-sessions.ts';

const PUBLIC = [
  AccessRefusals,
  ApiKeyAuthenticator,
  ApiKeyRegistry,
  CityAccess,
  FactorHolders,
  FirstAdmin,
  InvitationMails,
  Invitations,
  MemberAdministration,
  MemberDirectory,
  MemberPasswords,
  MemberProvisioning,
  MemberSessions,
  OpenSessions,
  SecondFactors,
  StepUps,
  SegmentDoor,
  ProvisionedGroups,
  ProvisionedMembers,
  ProvisionedRoles,
  ServiceKeyAuthenticator,
  ServiceKeys,
  SessionAuthenticator,
  VendorAuthenticator,
  VendorDirectory,
  VendorSessions,
];

/** Who is who, in a process that serves both planes: needs the vendor's database roles too. */
@Module({
  imports: [TenancyModule],
  providers: [...PUBLIC, OwnPassword, PasswordGate, PasswordHasher, Passkeys, RecoveryCodes, SignInAttempts],
  exports: PUBLIC,
})
export class IdentityModule {}
