import { createHash } from 'node:crypto';
import type { ProvisionedFacts, ProvisionedGroup, ProvisionedMember } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { type ListQuery, SCHEMAS, type ScimGroup, type ScimUser, type UserBody } from './scim-schemas.ts';

export const SCIM_BASE = '/api/scim/v2';

/** A weak tag over what the client sees: the same content has the same version (RFC 7644, 3.14). */
const versionOf = (content: object): string =>
  `W/"${createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 22)}"`;

export function presentUser({ member, externalId, roleValue, createdAt, changedAt }: ProvisionedMember): ScimUser {
  const content = {
    schemas: [SCHEMAS.user],
    id: member.id,
    ...(externalId !== null && { externalId }),
    userName: member.loginId,
    displayName: member.displayName,
    name: { formatted: member.displayName },
    ...(member.mailAddress !== null && { emails: [{ value: member.mailAddress, type: 'work', primary: true }] }),
    ...(roleValue !== null && { roles: [{ value: roleValue, primary: true }] }),
    active: member.status === 'active',
  };
  const meta = {
    resourceType: 'User',
    created: createdAt.toISOString(),
    lastModified: changedAt.toISOString(),
    location: `${SCIM_BASE}/Users/${member.id}`,
    version: versionOf(content),
  };
  return { ...content, meta };
}

/**
 * What a client's user says of a member. A name is needed somewhere; without any it is the user name.
 * @param present whether the member is active when the client does not say
 */
export function factsOf(
  { userName, externalId, displayName, name, emails = [], roles = [], active }: UserBody,
  present = true,
): ProvisionedFacts {
  const parts = [name?.familyName, name?.givenName].filter((part) => part !== undefined);
  const mail = emails.find(({ primary }) => primary) ?? emails.find(({ type }) => type === 'work') ?? emails[0];
  return {
    loginId: userName,
    displayName: displayName ?? name?.formatted ?? (parts.join(' ') || userName),
    mailAddress: mail?.value ?? null,
    externalId: externalId ?? null,
    active: active ?? present,
    roleValues: roles.flatMap(({ value }) => value ?? []),
  };
}

export function presentGroup({ id, code, name, memberIds, changedAt }: ProvisionedGroup): ScimGroup {
  const content = {
    schemas: [SCHEMAS.group],
    id,
    externalId: code,
    displayName: name,
    members: memberIds.map((value) => ({ value })),
  };
  const meta = {
    resourceType: 'Group',
    lastModified: changedAt.toISOString(),
    location: `${SCIM_BASE}/Groups/${id}`,
    version: versionOf(content),
  };
  return { ...content, meta };
}

export const presentList = <Resource>(
  { startIndex }: ListQuery,
  { total, items }: { total: number; items: readonly Resource[] },
) => ({
  schemas: [SCHEMAS.list],
  totalResults: total,
  startIndex,
  itemsPerPage: items.length,
  Resources: [...items],
});

/** Entra ID asks for groups without their members, which may be many. */
export const leavesMembersOut = ({ excludedAttributes = '' }: ListQuery): boolean =>
  excludedAttributes.split(',').some((name) => name.trim().toLowerCase() === 'members');

/** Refuses a change of what is no longer what the client has read. @throws DomainError SCIM.CHANGED_MEANWHILE */
export function assertVersion({ meta }: ScimUser | ScimGroup, ifMatch: string | undefined): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return;
  const named = ifMatch.split(',').map((tag) => tag.trim());
  if (!named.includes(meta.version!)) throw new DomainError('SCIM.CHANGED_MEANWHILE');
}
