interface Simulator {
  readonly origin: string;
}

const SEGMENTS = ['lgwan', 'my_number', 'internet'];
const REGION = 'ap-northeast-1';
const JAPANESE_REGIONS = ['ap-northeast-1', 'ap-northeast-3'];

/** Names the variable through which the simulator's key reaches the model pool. */
export const SIMULATOR_KEY = 'SIMULATOR_API_KEY';

/** True when nothing real is configured, so that the simulator has to answer. */
export const needsSimulator = (env: NodeJS.ProcessEnv): boolean =>
  !env.MODEL_DEPLOYMENTS && !env.BEDROCK_ENDPOINT && !env.AWS_REGION && !env.OPENAI_COMPATIBLE_URL;

/**
 * The value of MODEL_DEPLOYMENTS: what the operator wrote, else the real services named in the environment, else the simulator, which is
 * reached over both wire protocols and says of itself that it is one.
 */
export async function modelDeployments(env: NodeJS.ProcessEnv, simulator: Simulator): Promise<string> {
  if (env.MODEL_DEPLOYMENTS) return env.MODEL_DEPLOYMENTS;
  if (needsSimulator(env)) return JSON.stringify(simulatedDeployments(simulator));
  const deployments: object[] = [];
  if (env.BEDROCK_ENDPOINT || env.AWS_REGION) deployments.push(...bedrock(env));
  if (env.OPENAI_COMPATIBLE_URL) deployments.push(await openAiCompatible(env, env.OPENAI_COMPATIBLE_URL));
  return JSON.stringify(deployments);
}

/** Most places that a worker may have: see WORKER_CONCURRENCY in libs/config. */
const MOST_PLACES = 10_000;

/** How many calls these deployments may have under way together; undefined when they are not what deployments must be, which others say. */
export function placesOf(deployments: string): number | undefined {
  try {
    const pool = JSON.parse(deployments) as readonly { readonly concurrency: number }[];
    const places = pool.reduce((sum, { concurrency }) => sum + concurrency, 0);
    return places >= 1 ? Math.min(places, MOST_PLACES) : undefined;
  } catch {
    return undefined;
  }
}

const SONNET = {
  model: 'claude-sonnet-4.6',
  displayName: 'Claude Sonnet 4.6',
  providerModelId: 'jp.anthropic.claude-sonnet-4-6',
};
const HAIKU = {
  model: 'claude-haiku-4.5',
  displayName: 'Claude Haiku 4.5',
  providerModelId: 'jp.anthropic.claude-haiku-4-5-20251001-v1:0',
};

/** What the simulated provider grants a minute for Sonnet in each region; pool and simulator both go by it. */
const QUOTA = { requestsPerMinute: 30_000, tokensPerMinute: 20_000_000, outputBurnDown: 5 };

/** The value of SIMULATOR_QUOTAS. */
export const simulatorQuotas = (): string =>
  JSON.stringify(Object.fromEntries(JAPANESE_REGIONS.map((region) => [`${region}/${SONNET.providerModelId}`, QUOTA])));

interface SimulatedDeployment extends Readonly<Record<string, unknown>> {
  readonly providerModelId: string;
  readonly endpoint: string;
  /** Undefined for the model of one's own. */
  readonly region?: string;
}

/** A provider in two regions under quota, and a model of one's own. */
export function simulatedDeployments({ origin }: Simulator): SimulatedDeployment[] {
  const common = {
    apiKeyEnv: SIMULATOR_KEY,
    simulated: true,
    segments: SEGMENTS,
    dataResidency: 'japan',
    concurrency: 200,
    maxOutputTokens: 8192,
  };
  return [
    ...JAPANESE_REGIONS.map((region) => ({
      ...common,
      ...SONNET,
      ...QUOTA,
      id: `simulated-${region}-sonnet`,
      provider: 'bedrock',
      region,
      endpoint: `${origin}/region/${region}`,
      invocationLogGroup: '/bedrock/model-invocations',
    })),
    {
      ...common,
      id: 'simulated-local',
      model: 'local-model',
      displayName: '庁内モデル',
      provider: 'openai-compatible',
      providerModelId: 'local-model',
      endpoint: `${origin}/v1`,
    },
  ];
}

function bedrock(env: NodeJS.ProcessEnv): object[] {
  const region = env.AWS_REGION ?? REGION;
  const common = {
    provider: 'bedrock',
    region,
    endpoint: env.BEDROCK_ENDPOINT,
    ...(JAPANESE_REGIONS.includes(region)
      ? { segments: SEGMENTS, dataResidency: 'japan' }
      : { segments: SEGMENTS.filter((segment) => segment !== 'my_number') }),
    concurrency: 64,
    maxOutputTokens: 8192,
  };
  return [
    { ...common, ...SONNET, id: `bedrock-${region}-sonnet` },
    { ...common, ...HAIKU, id: `bedrock-${region}-haiku` },
  ];
}

async function openAiCompatible(env: NodeJS.ProcessEnv, endpoint: string): Promise<object> {
  const model = env.OPENAI_COMPATIBLE_MODEL || (await firstModelOf(endpoint, env.OPENAI_COMPATIBLE_API_KEY));
  return {
    id: 'openai-compatible',
    // A public model name; the path of a weights file, which some servers report, is nobody's business
    model: model.split('/').at(-1),
    displayName: model.split('/').at(-1),
    provider: 'openai-compatible',
    providerModelId: model,
    endpoint,
    ...(env.OPENAI_COMPATIBLE_API_KEY && { apiKeyEnv: 'OPENAI_COMPATIBLE_API_KEY' }),
    segments: SEGMENTS,
    // Whoever names a server of their own answers for where it stands.
    dataResidency: 'japan',
    concurrency: 16,
    maxOutputTokens: 4096,
  };
}

/** Asks the server what it serves; a server that does not say is given the name most of them accept. */
async function firstModelOf(endpoint: string, key: string | undefined): Promise<string> {
  try {
    const answer = await fetch(`${endpoint.replace(/\/$/, '')}/models`, {
      headers: key ? { authorization: `Bearer ${key}` } : {},
      signal: AbortSignal.timeout(3_000),
    });
    const { data } = (await answer.json()) as { data: { id: string }[] };
    return data[0]?.id ?? 'default';
  } catch {
    return 'default';
  }
}
