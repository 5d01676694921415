import { Module } from '@nestjs/common';
import { TenancyModule } from '#libs/tenancy';
import { AccessRefusals } from './access-refusals.ts';
import { ApiKeyAuthenticator } from './api-key-authenticator.ts';
import { ApiKeyRegistry } from './api-key-registry.ts';
import { CityAccess } from './city-access.ts';
import { FactorHolders } from './factors/factor-holder.ts';
import { Passkeys } from './factors/passkeys.ts';
import { RecoveryCodes } from './factors/recovery-codes.ts';
import { SecondFactors } from './factors/second-factors.ts';
import { StepUps } from './factors/step-ups.ts';
import { FirstAdmin } from './first-admin.ts';
import { InvitationMails } from './invitation-mails.ts';
import { Invitations } from './invitations.ts';
import { MemberAdministration } from './member-administration.ts';
import { MemberDirectory } from './member-directory.ts';
import { MemberPasswords } from './member-passwords.ts';
import { MemberProvisioning } from './member-provisioning.ts';
import { MemberSessions } from './member-sessions.ts';
import { OpenSessions } from './open-sessions.ts';
import { OwnPassword } from './own-password.ts';
import { PasswordGate } from './password-gate.ts';
import { PasswordHasher } from './password-hasher.ts';
import { ProvisionedGroups } from './provisioned-groups.ts';
import { ProvisionedMembers } from './provisioned-members.ts';
import { ProvisionedRoles } from './provisioned-roles.ts';
import { ServiceKeyAuthenticator } from './service-key-authenticator.ts';
import { ServiceKeys } from './service-keys.ts';
import { SegmentDoor } from './segment-door.ts';
import { SessionAuthenticator } from './session-authenticator.ts';
import { SignInAttempts } from './sign-in-attempts.ts';
import { VendorAuthenticator } from './vendor-authenticator.ts';
import { VendorDirectory } from './vendor-directory.ts';
import { VendorSessions } from './vendor-sessions.ts';

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
