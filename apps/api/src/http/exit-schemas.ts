import { z } from 'zod';
import { type CityExit, type CityExitRecord, type DataExport, EXIT_STATES, type ExportFile } from '#libs/exits';
import { daySchema, instant, instantOrNull, instantSchema, segmentSchema } from './wire.ts';

const counts = { done: z.number().int(), total: z.number().int() };

export const cityExit = z
  .object({
    id: z.uuid(),
    state: z.enum(EXIT_STATES),
    reason: z.string(),
    contractEndsOn: daySchema.nullable(),
    waitingDays: z.int(),
    plannedAt: instantSchema,
    agreedAt: instantSchema.nullable(),
    frozenAt: instantSchema.nullable(),
    exportedAt: instantSchema.nullable(),
    handedOverAt: instantSchema.nullable(),
    deleteFrom: daySchema.nullable(),
    withdrawnAt: instantSchema.nullable(),
  })
  .meta({ id: 'CityExit' });

/** That a name found is not of the city; it counts once another person has confirmed it. */
const judgement = z
  .object({
    id: z.uuid(),
    reason: z.string(),
    judgedBy: z.object({ id: z.uuid(), name: z.string() }),
    judgedAt: instantSchema,
    confirmedAt: instantSchema.nullable(),
  })
  .nullable();

export const cityExitRecord = cityExit
  .extend({
    city: z.object({ id: z.uuid(), code: z.string(), name: z.string() }),
    /** Of the deletion. */
    phase: z.string().nullable(),
    ...counts,
    fault: z.string().nullable(),
    findings: z.array(
      z.object({
        place: z.string(),
        column: z.string().nullable(),
        kind: z.enum(['rows', 'name', 'delivery', 'key']),
        count: z.number().int(),
        judgement,
      }),
    ),
    deletedAt: instantSchema.nullable(),
    exports: z.array(z.object({ segment: segmentSchema, state: z.string(), ...counts })),
  })
  .meta({ id: 'CityExitRecord' });

export const dataExport = z
  .object({
    id: z.uuid(),
    exitId: z.uuid().nullable(),
    state: z.enum(['queued', 'running', 'ready', 'failed', 'expired']),
    requestedAt: instantSchema,
    finishedAt: instantSchema.nullable(),
    expiresAt: instantSchema.nullable(),
    ...counts,
    bytes: z.number().int(),
    manifestSha256: z.string().nullable(),
  })
  .meta({ id: 'DataExport' });

export const exportFile = z.object({
  number: z.int(),
  path: z.string(),
  bytes: z.number().int(),
  rows: z.number().int().nullable(),
  sha256: z.string(),
});

export const presentExit = (exit: CityExit): z.infer<typeof cityExit> => ({
  id: exit.id,
  state: exit.state,
  reason: exit.reason,
  contractEndsOn: exit.contractEndsOn,
  waitingDays: exit.waitingDays,
  plannedAt: instant(exit.plannedAt),
  agreedAt: instantOrNull(exit.agreedAt),
  frozenAt: instantOrNull(exit.frozenAt),
  exportedAt: instantOrNull(exit.exportedAt),
  handedOverAt: instantOrNull(exit.handedOverAt),
  deleteFrom: exit.deleteFrom,
  withdrawnAt: instantOrNull(exit.withdrawnAt),
});

export const presentExitRecord = (exit: CityExitRecord): z.infer<typeof cityExitRecord> => ({
  ...presentExit(exit),
  city: exit.city,
  phase: exit.phase,
  done: exit.done,
  total: exit.total,
  fault: exit.fault,
  findings: exit.findings.map(({ place, column, kind, count, judgement: judged }) => ({
    place,
    column,
    kind,
    count,
    judgement: judged && {
      ...judged,
      judgedAt: instant(new Date(judged.judgedAt)),
      confirmedAt: judged.confirmedAt === null ? null : instant(new Date(judged.confirmedAt)),
    },
  })),
  deletedAt: instantOrNull(exit.deletedAt),
  exports: exit.exports.map((one) => ({ ...one, segment: segmentSchema.parse(one.segment) })),
});

export const presentExport = (made: DataExport): z.infer<typeof dataExport> => ({
  ...made,
  requestedAt: instant(made.requestedAt),
  finishedAt: instantOrNull(made.finishedAt),
  expiresAt: instantOrNull(made.expiresAt),
});

export const presentFile = (file: ExportFile): z.infer<typeof exportFile> => ({ ...file });
