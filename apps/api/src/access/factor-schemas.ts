import type { Response } from 'express';
import { z } from 'zod';
import type { Factor, FactorKind, OpenSession, SessionStage, SessionToken } from '#libs/identity';
import { instant, instantOrNull, instantSchema } from '../http/wire.ts';
import { factorProof } from './passkey-schemas.ts';

const kind = z.enum(['totp', 'passkey']);
const code = z.string().min(1).max(64);

/** The password was right; what is missing before the session is whole. */
export const pendingSignIn = z
  .object({ step: z.enum(['second-factor', 'enrolment']), methods: z.array(kind) })
  .meta({ id: 'PendingSignIn' });
export type PendingSignIn = z.infer<typeof pendingSignIn>;

export function presentPending(response: Response, { stage, methods }: SessionToken): PendingSignIn {
  response.status(202);
  return presentStage(stage, methods);
}

export const presentStage = (stage: SessionStage, methods: readonly FactorKind[]): PendingSignIn => ({
  step: stage === 'enrolment' ? 'enrolment' : 'second-factor',
  methods: [...methods],
});

export const factorList = z
  .object({
    factors: z.array(
      z.object({
        id: z.uuid(),
        kind,
        name: z.string(),
        createdAt: instantSchema,
        lastUsedAt: instantSchema.nullable(),
      }),
    ),
    recoveryCodesLeft: z.int(),
  })
  .meta({ id: 'SecondFactors' });

export const totpEnrolment = z
  .object({ id: z.uuid(), secret: z.string(), uri: z.string() })
  .meta({ id: 'TotpEnrolment' });

export const totpConfirmation = z.strictObject({ id: z.uuid(), code }).meta({ id: 'TotpConfirmation' });

/** Shown this once; null when those of before still count. */
export const confirmedFactor = z
  .object({ recoveryCodes: z.array(z.string()).nullable() })
  .meta({ id: 'ConfirmedSecondFactor' });

export const recoveryCodes = z.object({ recoveryCodes: z.array(z.string()) }).meta({ id: 'RecoveryCodes' });

/** What a proof will be asked for. Without a password it is given by signing in again. */
export const stepUpMethods = z
  .object({ hasPassword: z.boolean(), methods: z.array(kind) })
  .meta({ id: 'StepUpMethods' });

export const stepUp = z
  .strictObject({ password: z.string().min(1).max(512), proof: factorProof.nullish() })
  .meta({ id: 'StepUp' });

export const openSessions = z
  .object({
    items: z.array(
      z.object({
        id: z.uuid(),
        openedAt: instantSchema,
        lastSeenAt: instantSchema.nullable(),
        expiresAt: instantSchema,
        isCurrent: z.boolean(),
      }),
    ),
  })
  .meta({ id: 'OpenSessions' });

export const presentSessions = (sessions: readonly OpenSession[]): z.infer<typeof openSessions> => ({
  items: sessions.map((session) => ({
    ...session,
    openedAt: instant(session.openedAt),
    lastSeenAt: instantOrNull(session.lastSeenAt),
    expiresAt: instant(session.expiresAt),
  })),
});

export const presentFactors = ({
  factors,
  recoveryCodesLeft,
}: {
  factors: readonly Factor[];
  recoveryCodesLeft: number;
}): z.infer<typeof factorList> => ({
  factors: factors.map((factor) => ({
    ...factor,
    createdAt: instant(factor.createdAt),
    lastUsedAt: instantOrNull(factor.lastUsedAt),
  })),
  recoveryCodesLeft,
});
