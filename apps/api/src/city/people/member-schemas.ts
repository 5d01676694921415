import { z } from 'zod';
import { type IssuedInvitation, MEMBER_ROLES, type Member } from '#libs/identity';
import {
  changeOf,
  daySchema,
  instant,
  instantOrNull,
  instantSchema,
  loginIdSchema,
  nameSchema,
  pageOf,
  pageQuery,
  segmentSchema,
} from '../../http/wire.ts';

const status = z.enum(['active', 'disabled']);
const role = z.enum(MEMBER_ROLES);
const mailAddress = z.email().max(254);

export const member = z
  .object({
    id: z.uuid(),
    loginId: z.string(),
    displayName: z.string(),
    role,
    segment: segmentSchema,
    department: z.object({ id: z.uuid(), name: z.string() }).nullable(),
    status,
    /** The last JST day of their rights. */
    lastDay: daySchema.nullable(),
    mailAddress: z.string().nullable(),
    hasPassword: z.boolean(),
    isProvisioned: z.boolean(),
    invitedUntil: instantSchema.nullable(),
    lastSignInAt: instantSchema.nullable(),
  })
  .meta({ id: 'Member' });

export const memberPage = pageOf('MemberPage', member);
export const memberQuery = pageQuery.extend({ query: z.string().max(100).optional() });

export const createMember = z
  .strictObject({
    loginId: loginIdSchema,
    displayName: nameSchema,
    role,
    segment: segmentSchema,
    departmentId: z.uuid().nullish(),
    mailAddress: mailAddress.nullish(),
    /** How the member comes to a password: one that is shown once, an invitation to set one, or one that is mailed. */
    credential: z.enum(['password', 'invitation', 'mail']).default('password'),
  })
  .meta({ id: 'CreateMember' });

export const changeMember = changeOf('ChangeMember', {
  displayName: nameSchema,
  role,
  departmentId: z.uuid().nullable(),
  mailAddress: mailAddress.nullable(),
  status,
  lastDay: daySchema.nullable(),
});

export const issuedInvitation = z
  .object({
    /** Null: it was mailed, and only its member sees it. */
    token: z.string().nullable(),
    expiresAt: instantSchema,
  })
  .meta({ id: 'IssuedInvitation' });
/** How an invitation reaches its member: as a link that somebody hands over, or by mail. */
export const invitationQuery = z.strictObject({ by: z.enum(['link', 'mail']).default('link') });

export const initialPassword = z.object({ initialPassword: z.string() }).meta({ id: 'InitialPassword' });
/** One of the two, as was asked for. */
export const createdMember = z
  .object({ member, initialPassword: z.string().nullable(), invitation: issuedInvitation.nullable() })
  .meta({ id: 'CreatedMember' });

export const presentMember = (row: Member): z.infer<typeof member> => ({
  ...row,
  invitedUntil: instantOrNull(row.invitedUntil),
  lastSignInAt: instantOrNull(row.lastSignInAt),
});

export const presentInvitation = ({
  token,
  expiresAt,
  mailed,
}: IssuedInvitation): z.infer<typeof issuedInvitation> => ({
  token: mailed ? null : token,
  expiresAt: instant(expiresAt),
});
