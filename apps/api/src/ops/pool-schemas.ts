import { z } from 'zod';
import type { PoolSample } from '#libs/jobs';
import { changeOf, instant, instantSchema, pageOf, pageQuery, segmentSchema } from '../http/wire.ts';

const LANES = ['urgent', 'interactive', 'batch'] as const;

const quota = z.object({ granted: z.number(), used: z.number(), left: z.number() }).meta({ id: 'PoolQuota' });
const lane = z
  .object({ lane: z.enum(LANES), waiting: z.int(), oldestWaitMs: z.number().nullable() })
  .meta({ id: 'PoolLane' });

export const poolState = z
  .object({
    at: instantSchema,
    deployments: z.array(
      z
        .object({
          id: z.string(),
          model: z.string(),
          provider: z.string(),
          region: z.string(),
          simulated: z.boolean(),
          segments: z.array(segmentSchema),
          concurrency: z.int(),
          running: z.int(),
          /** Places held free, while others wait, for cities that ask for little. */
          headRoom: z.int(),
          /** Null where the provider sets no such quota. Per minute. */
          requests: quota.nullable(),
          tokens: quota.nullable(),
          pace: z.number(),
          breaker: z.enum(['closed', 'trial', 'open']),
          admittedTotal: z.number(),
          throttledTotal: z.number(),
          failedTotal: z.number(),
          quotaTokensTotal: z.number(),
        })
        .meta({ id: 'PoolDeployment' }),
    ),
    lanes: z.array(lane),
    totals: z.object({ running: z.int(), waiting: z.int() }),
    /** False when no worker has sampled the pool for a quarter of a minute; waits are unknown then. */
    isSampled: z.boolean(),
  })
  .meta({ id: 'PoolState' });

const sample = z
  .object({
    at: instantSchema,
    admissionsPerSecond: z.number(),
    tokensPerSecond: z.number(),
    throttles: z.number(),
    failures: z.number(),
    running: z.int(),
    lanes: z.array(lane),
    deployments: z.array(z.object({ id: z.string(), used: z.number() })),
  })
  .meta({ id: 'PoolSample' });

export const sampleList = z.object({ items: z.array(sample) }).meta({ id: 'PoolSampleList' });

export const samplesQuery = z.strictObject({ minutes: z.coerce.number().int().min(1).max(60).default(15) });

export const presentSample = ({ at, lanes, deployments, ...figures }: PoolSample): z.infer<typeof sample> => ({
  ...figures,
  at: instant(at),
  lanes: [...lanes],
  deployments: [...deployments],
});

const running = z.int().min(1).max(100_000).nullable();

export const cityShare = z
  .object({
    id: z.uuid(),
    code: z.string(),
    name: z.string(),
    weight: z.number(),
    runningFloor: z.int().nullable(),
    runningLimit: z.int().nullable(),
    running: z.int(),
    waiting: z.object({ urgent: z.int(), interactive: z.int(), batch: z.int() }),
    oldestWaitMs: z.number().nullable(),
  })
  .meta({ id: 'CityShare' });

export const cityShares = pageOf('CitySharePage', cityShare);

export const sharesQuery = pageQuery.extend({
  /** Only cities that somebody waits in. */
  waiting: z.enum(['true', 'false']).default('false'),
});

export const changeShare = changeOf('ChangeCityShare', {
  weight: z.number().min(0.1).max(1_000),
  runningFloor: running,
  runningLimit: running,
});
