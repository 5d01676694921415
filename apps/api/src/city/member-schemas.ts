import { z } from 'zod';
import { MEMBER_ROLES, type Member } from '#libs/identity';
import {
  changeOf,
  daySchema,
  instantOrNull,
  instantSchema,
  loginIdSchema,
  nameSchema,
  pageOf,
  pageQuery,
  segmentSchema,
} from '../http/wire.ts';

const status = z.enum(['active', 'disabled']);
const role = z.enum(MEMBER_ROLES);

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
  })
  .meta({ id: 'CreateMember' });

export const changeMember = changeOf('ChangeMember', {
  displayName: nameSchema,
  role,
  departmentId: z.uuid().nullable(),
  status,
  lastDay: daySchema.nullable(),
});

export const initialPassword = z.object({ initialPassword: z.string() }).meta({ id: 'InitialPassword' });
export const createdMember = z.object({ member, initialPassword: z.string() }).meta({ id: 'CreatedMember' });

export const presentMember = (row: Member): z.infer<typeof member> => ({
  ...row,
  lastSignInAt: instantOrNull(row.lastSignInAt),
});
