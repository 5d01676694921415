import { z } from 'zod';
import { type FormerOwner, type Handover, OWNERLESS_DAYS, OWNERLESS_RULES, TAKE_BACK_DAYS } from '#libs/jobs';
import { jstDayOf } from '#libs/kernel';
import { daySchema, instant, instantOrNull, instantSchema, loginIdSchema, pageOf } from '../../http/wire.ts';

const DAY_MS = 86_400_000;
const count = z.int().min(0);
const belongings = { conversations: count, batches: count, templates: count };

export const ownerlessRule = z
  .strictObject({
    /** `keep`: until the network's retention ends it. `manager`: to the department's manager. `delete`: for good. */
    rule: z.enum(OWNERLESS_RULES),
    /** After they left, and after the rule was set. */
    afterDays: z.int().min(OWNERLESS_DAYS.least).max(OWNERLESS_DAYS.most),
  })
  .meta({ id: 'OwnerlessRule' });

export const formerOwner = z
  .object({
    memberId: z.uuid(),
    loginId: z.string(),
    displayName: z.string(),
    departmentName: z.string().nullable(),
    /** The JST day they left on. */
    leftOn: daySchema,
    ...belongings,
    /** The JST day on which the rule is followed; null while it keeps. */
    dueOn: daySchema.nullable(),
    /** Who gets it by the rule; null where it has nobody, or does not give. */
    heirName: z.string().nullable(),
  })
  .meta({ id: 'FormerOwner' });
export const formerOwnerPage = pageOf('FormerOwnerPage', formerOwner);

export const newHandover = z
  .strictObject({ toLoginId: loginIdSchema, reason: z.string().trim().min(1).max(200) })
  .meta({ id: 'CreateHandover' });

export const handover = z
  .object({
    id: z.uuid(),
    from: z.string(),
    to: z.string(),
    /** Null: the city's rule. */
    decidedBy: z.string().nullable(),
    reason: z.string().nullable(),
    ...belongings,
    handedAt: instantSchema,
    takenBackAt: instantSchema.nullable(),
    canTakeBack: z.boolean(),
  })
  .meta({ id: 'Handover' });
export const handoverPage = pageOf('HandoverPage', handover);
export const takenBack = z.object(belongings).meta({ id: 'HandoverTakenBack' });

/** Who would leave by an import, and what of theirs would stay behind on this network. */
export const leaving = z
  .object({
    rule: ownerlessRule,
    members: count,
    /** Those who leave something, by name: the first two hundred. */
    items: z.array(
      z.object({ loginId: z.string(), displayName: z.string(), ...belongings }).meta({ id: 'LeavingMember' }),
    ),
    ...belongings,
  })
  .meta({ id: 'RosterLeaving' });

export const presentFormerOwner = (row: FormerOwner): z.infer<typeof formerOwner> => ({
  memberId: row.memberId,
  loginId: row.loginId,
  displayName: row.displayName,
  departmentName: row.departmentName,
  leftOn: jstDayOf(row.leftAt),
  conversations: row.conversations,
  batches: row.batches,
  templates: row.templates,
  dueOn: row.dueAt && jstDayOf(row.dueAt),
  heirName: row.heir?.displayName ?? null,
});

export const presentHandover = (row: Handover, now: Date): z.infer<typeof handover> => ({
  ...row,
  handedAt: instant(row.handedAt),
  takenBackAt: instantOrNull(row.takenBackAt),
  canTakeBack: !row.takenBackAt && row.handedAt.getTime() > now.getTime() - TAKE_BACK_DAYS * DAY_MS,
});
