import { z } from 'zod';
import { CITY_SORTS, CITY_STAGES, CITY_STATUSES, type CityPosition, type CityState } from '#libs/tenancy';
import {
  changeOf,
  daySchema,
  instant,
  instantOrNull,
  instantSchema,
  nameSchema,
  pageOf,
  pageQuery,
  readCursor,
  wrongCursor,
} from '../http/wire.ts';

export const tokens = z.int().min(0);
const stage = z.enum(CITY_STAGES);
const outcomes = z.object({ ended: z.int(), failed: z.int() });

export const city = z
  .object({
    id: z.uuid(),
    code: z.string(),
    name: z.string(),
    status: z.enum(CITY_STATUSES),
    stage,
    statusReason: z.string().nullable(),
    statusChangedAt: instantSchema.nullable(),
    trialEndsOn: daySchema.nullable(),
    contractEndsOn: daySchema.nullable(),
    createdAt: instantSchema,
    members: z.int(),
    month: z.object({ month: z.string(), limitTokens: tokens, usedTokens: tokens, reservedTokens: tokens }),
    jobs: z.object({ waiting: z.int(), running: z.int(), held: z.int() }),
    day: outcomes,
    week: outcomes,
    lastActivityAt: instantSchema.nullable(),
  })
  .meta({ id: 'City' });

export const cityPage = pageOf('CityPage', city);

const search = z.string().trim().max(100).optional();
export const citiesCsvQuery = z.strictObject({
  search,
  stage: stage.optional(),
  sort: z.enum(CITY_SORTS).default('code'),
});
export const citiesQuery = z.strictObject({ ...pageQuery.shape, ...citiesCsvQuery.shape });

export const changeCity = changeOf('ChangeCity', { name: nameSchema, trialEndsOn: daySchema.nullable() });

const reason = z.string().trim().min(1).max(200);
export const suspendCity = z
  .strictObject({ reason, running: z.enum(['finish', 'cancel']) })
  .meta({ id: 'SuspendCity' });
export const resumeCity = z.strictObject({ reason }).meta({ id: 'ResumeCity' });

export const presentCity = (state: CityState): z.infer<typeof city> => ({
  ...state,
  createdAt: instant(state.createdAt),
  statusChangedAt: instantOrNull(state.statusChangedAt),
  lastActivityAt: instantOrNull(state.lastActivityAt),
});

/** Where a page of cities ended: its place in the order, then the code. */
export const writePosition = ({ key, code }: CityPosition): string => `${key} ${code}`;

/** @throws DomainError REQUEST.INVALID */
export function readPosition(cursor: string | undefined): CityPosition | null {
  const [key, code, ...rest] = readCursor(cursor).split(' ');
  if (key === '' && code === undefined) return null;
  const position = { key: Number(key), code: code ?? '' };
  if (!Number.isFinite(position.key) || !/^\d{6}$/.test(position.code) || rest.length > 0) throw wrongCursor();
  return position;
}
