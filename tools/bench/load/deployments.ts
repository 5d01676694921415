/** Settings of one model deployment as MODEL_DEPLOYMENTS has them; what is left out is as for a bench of one model. */
export interface DeploymentSetting {
  readonly id?: string;
  readonly provider?: 'bedrock' | 'openai-compatible';
  readonly endpoint: string;
  readonly region?: string;
  readonly concurrency: number;
  readonly maxOutputTokens?: number;
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  readonly outputBurnDown?: number;
}

const KEY = 'BENCH_MODEL_KEY';

/** The environment of a product that knows these deployments, all of one model, and starts no simulator of its own. */
export const deploymentEnvironment = (...settings: readonly DeploymentSetting[]): NodeJS.ProcessEnv => ({
  [KEY]: 'bench',
  MODEL_DEPLOYMENTS: JSON.stringify(
    settings.map((setting) => ({
      id: 'bench',
      model: 'bench',
      displayName: 'bench',
      provider: 'bedrock',
      providerModelId: 'bench',
      apiKeyEnv: KEY,
      simulated: true,
      segments: ['lgwan'],
      maxOutputTokens: 8192,
      ...setting,
    })),
  ),
});
