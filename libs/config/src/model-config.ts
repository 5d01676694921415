import { SEGMENTS, type Segment } from '#libs/kernel';
import { z } from 'zod';

const DEFAULT_REGION = 'ap-northeast-1';

const milliseconds = (standard: number) => z.coerce.number().int().min(1).max(3_600_000).default(standard);

const jsonText = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' });
    return z.NEVER;
  }
});

const deploymentSetting = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/),
    model: z.string().max(128).regex(/^\S+$/, 'is a name without spaces'),
    displayName: z.string().min(1).max(128),
    provider: z.enum(['bedrock', 'openai-compatible']),
    providerModelId: z.string().min(1).max(2048),
    region: z.string().min(1).default(DEFAULT_REGION),
    endpoint: z.url({ protocol: /^https?$/ }).optional(),
    apiKeyEnv: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]*$/)
      .optional(),
    simulated: z.boolean().default(false),
    segments: z.array(z.enum(SEGMENTS)).min(1),
    dataResidency: z.enum(['japan', 'any']).default('any'),
    concurrency: z.int().min(1).max(100_000),
    requestsPerMinute: z.int().min(1).optional(),
    tokensPerMinute: z.int().min(1).optional(),
    outputBurnDown: z.number().min(1).max(100).default(1),
    headRoom: z.number().min(0).max(0.1).default(0.0125),
    maxOutputTokens: z.int().min(1).max(1_000_000),
    invocationLogGroup: z.string().min(1).max(512).optional(),
  })
  .refine((setting) => setting.provider === 'bedrock' || setting.endpoint !== undefined, {
    path: ['endpoint'],
    message: 'is required for an OpenAI-compatible deployment',
  })
  .refine((setting) => setting.provider === 'bedrock' || setting.invocationLogGroup === undefined, {
    path: ['invocationLogGroup'],
    message: 'is a log that only Bedrock writes',
  })
  .refine(({ segments, dataResidency }) => dataResidency === 'japan' || !segments.includes('my_number'), {
    path: ['dataResidency'],
    message: "must be 'japan' for a deployment that serves the my_number segment",
  })
  .refine((setting) => setting.dataResidency === 'any' || !mayLeaveJapan(setting), {
    path: ['dataResidency'],
    message:
      "'japan' contradicts region or providerModelId: Bedrock keeps data in Japan in ap-northeast-1 and ap-northeast-3, under a jp. profile or none",
  });

const JAPANESE_REGIONS = ['ap-northeast-1', 'ap-northeast-3'];
/** The prefix of a cross-region profile (us., eu., apac., global., ...); no model vendor's name is two letters long. */
const PROFILE = /^(?:[a-z]{2}(?:-[a-z]+)?|apac|global)\./;

/** Whether Bedrock may work on the data abroad. Of other servers only their operator knows where they stand. */
function mayLeaveJapan({
  provider,
  region,
  providerModelId,
}: {
  provider: string;
  region: string;
  providerModelId: string;
}) {
  if (provider !== 'bedrock') return false;
  // An ARN carries its own region, and the profile or model after its last slash.
  const arnRegion = /^arn:[^:]*:bedrock:([^:]*):/.exec(providerModelId)?.[1];
  const name = providerModelId.slice(providerModelId.lastIndexOf('/') + 1);
  return (
    ![region, arnRegion ?? region].every((place) => JAPANESE_REGIONS.includes(place)) ||
    (PROFILE.test(name) && !name.startsWith('jp.'))
  );
}

/** One way to reach one model: what admission counts, what the pool calls, and who may use it. */
export interface ModelDeployment {
  readonly id: string;
  /** The public name people choose by; several deployments may carry the same one. */
  readonly model: string;
  readonly displayName: string;
  readonly provider: 'bedrock' | 'openai-compatible';
  /** What the provider calls it: a Bedrock inference profile id, or the model name of an OpenAI-compatible server. */
  readonly providerModelId: string;
  readonly region: string;
  readonly endpoint?: string | undefined;
  /** Secret. A Bedrock API key or the bearer key of an OpenAI-compatible server; never logged, never shown. */
  readonly apiKey?: string | undefined;
  readonly simulated: boolean;
  readonly segments: readonly Segment[];
  /** `japan`: prompts and answers never leave the country. What serves the My Number segment must be so. */
  readonly dataResidency: 'japan' | 'any';
  /** Streams it may carry at once. */
  readonly concurrency: number;
  /** What the provider grants a minute; undefined where it grants without limit. */
  readonly requestsPerMinute?: number | undefined;
  readonly tokensPerMinute?: number | undefined;
  /** Quota tokens that one output token burns. */
  readonly outputBurnDown: number;
  /** The part of it that is held free, while others wait, for cities that ask for little (docs/decisions/0042). */
  readonly headRoom: number;
  readonly maxOutputTokens: number;
  /** The CloudWatch log group into which Bedrock writes every call, when model invocation logging is on. */
  readonly invocationLogGroup?: string | undefined;
}

/**
 * The environment of the model pool. Times are milliseconds; MODEL_DEPLOYMENTS is a JSON array whose first fitting entry is
 * a segment's default. Loose, because a deployment names the variable that holds its secret.
 */
export const modelEnvironment = z
  .looseObject({
    MODEL_DEPLOYMENTS: jsonText.pipe(
      z
        .array(deploymentSetting)
        .min(1)
        .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'has two deployments with one id')
        // A simulator must never answer under a name that people know as a real model's.
        .refine(
          (all) =>
            all.every(({ model, simulated }) => all.find((each) => each.model === model)?.simulated === simulated),
          'has a simulated and a real deployment under one model name',
        ),
    ),
    MODEL_FIRST_TOKEN_TIMEOUT_MS: milliseconds(60_000),
    MODEL_TOKEN_GAP_TIMEOUT_MS: milliseconds(60_000),
    MODEL_TOTAL_TIMEOUT_MS: milliseconds(600_000),
    MODEL_DRAIN_TIMEOUT_MS: milliseconds(60_000),
  })
  .transform((env, context) => ({
    deployments: env.MODEL_DEPLOYMENTS.map(({ apiKeyEnv, ...setting }): ModelDeployment => {
      const apiKey = apiKeyEnv && env[apiKeyEnv];
      if (apiKeyEnv && typeof apiKey !== 'string') {
        context.addIssue({ code: 'custom', path: [apiKeyEnv], message: 'is not set, but a model deployment names it' });
      }
      return { ...setting, apiKey: typeof apiKey === 'string' ? apiKey : undefined };
    }),
    timeouts: {
      firstTokenMs: env.MODEL_FIRST_TOKEN_TIMEOUT_MS,
      tokenGapMs: env.MODEL_TOKEN_GAP_TIMEOUT_MS,
      totalMs: env.MODEL_TOTAL_TIMEOUT_MS,
      drainMs: env.MODEL_DRAIN_TIMEOUT_MS,
    },
  }));
