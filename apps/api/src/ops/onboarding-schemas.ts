import { z } from 'zod';
import type { IssuedInvitation } from '#libs/identity';
import { isMunicipalityCode } from '#libs/kernel';
import { READINESS } from '#libs/tenancy';
import { daySchema, instant, instantSchema, loginIdSchema, nameSchema, segmentSchema } from '../http/wire.ts';
import { city, tokens } from './city-schemas.ts';

const fiscalYearOf = (day: string): number => Number(day.slice(0, 4)) - Number(day.slice(5, 7) < '04');

const contractWish = z
  .strictObject({ planId: z.uuid(), startsOn: daySchema, endsOn: daySchema, billingName: nameSchema })
  .refine(({ startsOn, endsOn }) => startsOn <= endsOn, {
    path: ['endsOn'],
    error: '終了日は、開始日以後にしてください。',
  })
  .refine(({ startsOn, endsOn }) => fiscalYearOf(startsOn) === fiscalYearOf(endsOn), {
    path: ['endsOn'],
    error: '契約期間は、1つの会計年度（4月から翌年3月まで）に収めてください。',
  });

const segmentChoice = z.strictObject({
  segment: segmentSchema,
  open: z.boolean(),
  addressRanges: z.array(z.string().trim().min(1).max(50)).max(100),
  models: z.array(z.string().min(1).max(100)).min(1).max(100).nullable(),
  retentionDays: z.int().min(1).max(3_650).nullable(),
});

const answers = z.strictObject({
  code: z
    .string()
    .regex(/^\d{6}$/)
    .refine(isMunicipalityCode, '団体コードの検査数字が合いません。'),
  name: nameSchema,
  monthlyLimitTokens: tokens.max(1_000_000_000_000),
  trialEndsOn: daySchema.nullable().optional(),
  contractWish: contractWish.nullable().optional(),
  segments: z.array(segmentChoice).max(3).default([]),
  firstAdmin: z.strictObject({
    loginId: loginIdSchema,
    displayName: nameSchema,
    segment: segmentSchema.exclude(['internet']).default('lgwan'),
    mailAddress: z.email('メールアドレスの形式が正しくありません。').max(254).nullish(),
  }),
});

/** A city whose networks are all closed could never be entered, nor one whose first administrator's is. */
export const createCity = answers
  .refine(
    ({ segments, firstAdmin }) => segments.find(({ segment }) => segment === firstAdmin.segment)?.open !== false,
    { path: ['firstAdmin', 'segment'], error: '最初の管理者が使うネットワークは、利用できるようにしてください。' },
  )
  .meta({ id: 'CreateCity' });

export const issuedInvitation = z
  .object({
    /** Null: it was mailed, and only the administrator sees it. */
    token: z.string().nullable(),
    expiresAt: instantSchema,
  })
  .meta({ id: 'CityInvitation' });
export const presentInvitation = ({
  token,
  expiresAt,
  mailed,
}: IssuedInvitation): z.infer<typeof issuedInvitation> => ({
  token: mailed ? null : token,
  expiresAt: instant(expiresAt),
});
export const createdCity = z.object({ city, invitation: issuedInvitation.nullable() }).meta({ id: 'CreatedCity' });

/** Answers so far: anything that fits into the questions, right or not. */
const text = z.string().max(200);
export const draft = z
  .strictObject({
    code: text,
    name: text,
    monthlyLimitTokens: z.number().nullable(),
    trialEndsOn: text.nullable(),
    contractWish: z
      .strictObject({ planId: text, startsOn: text, endsOn: text, billingName: text })
      .partial()
      .nullable(),
    segments: z.array(segmentChoice.partial({ models: true, retentionDays: true })).max(3),
    firstAdmin: z
      .strictObject({ loginId: text, displayName: text, segment: segmentSchema, mailAddress: z.string().max(254) })
      .partial(),
  })
  .partial()
  .meta({ id: 'OnboardingDraft' });

export const onboardingView = z
  .object({
    id: z.uuid(),
    draft,
    /** What keeps the city from being registered with these answers. */
    faults: z.array(z.object({ pointer: z.string(), message: z.string() })),
    updatedAt: instantSchema,
  })
  .meta({ id: 'Onboarding' });

export const planChoices = z.object({
  items: z.array(z.object({ id: z.uuid(), code: z.string(), name: z.string() })),
});

export const cityReport = z
  .object({
    ready: z.record(z.enum(READINESS), z.boolean()),
    admins: z.object({ invited: z.int(), came: z.int(), lastSignInAt: instantSchema.nullable() }),
    contracts: z.array(
      z.object({
        id: z.uuid(),
        title: z.string(),
        startsOn: daySchema,
        endsOn: daySchema,
        plan: z.string().nullable(),
        approved: z.boolean(),
      }),
    ),
    months: z.array(z.object({ month: z.string(), limitTokens: tokens, usedTokens: tokens })),
    days: z.array(z.object({ day: daySchema, ended: z.int(), failed: z.int() })),
  })
  .meta({ id: 'CityReport' });
