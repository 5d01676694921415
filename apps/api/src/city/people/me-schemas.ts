import { z } from 'zod';
import { MEMBER_ROLES, type MemberActor } from '#libs/identity';
import { segmentPolicy } from '../../http/segment-policy-schemas.ts';
import { daySchema, instant, instantSchema, segmentSchema } from '../../http/wire.ts';

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
    trialEndsOn: daySchema.nullable(),
    segment: segmentSchema,
    /** What the city lets its people do on this network. */
    policy: segmentPolicy.pick({ attachments: true, takeOut: true, retentionDays: true }),
    permissions: z.array(z.string()),
    expiresAt: instantSchema,
  })
  .meta({ id: 'Me' });

export const presentMe = ({
  policy: { attachments, takeOut, retentionDays },
  ...actor
}: MemberActor): z.infer<typeof me> => ({
  member: {
    id: actor.id,
    loginId: actor.loginId,
    displayName: actor.displayName,
    role: actor.role,
    department: actor.department,
  },
  city: actor.city,
  trialEndsOn: actor.trialEndsOn,
  segment: actor.scope.segment,
  policy: { attachments, takeOut: { ...takeOut }, retentionDays },
  permissions: [...actor.permissions],
  expiresAt: instant(actor.expiresAt),
});
