import { z } from 'zod';
import { MEMBER_ROLES, type MemberActor } from '#libs/identity';
import { instant, instantSchema, segmentSchema } from '../http/wire.ts';

export const me = z
  .object({
    member: z.object({
      id: z.uuid(),
      loginId: z.string(),
      displayName: z.string(),
      role: z.enum(MEMBER_ROLES),
      department: z.object({ id: z.uuid(), code: z.string(), name: z.string() }).nullable(),
    }),
    city: z.object({ id: z.uuid(), code: z.string(), name: z.string() }),
    segment: segmentSchema,
    permissions: z.array(z.string()),
    expiresAt: instantSchema,
  })
  .meta({ id: 'Me' });

export const presentMe = (actor: MemberActor): z.infer<typeof me> => ({
  member: {
    id: actor.id,
    loginId: actor.loginId,
    displayName: actor.displayName,
    role: actor.role,
    department: actor.department,
  },
  city: actor.city,
  segment: actor.scope.segment,
  permissions: [...actor.permissions],
  expiresAt: instant(actor.expiresAt),
});
