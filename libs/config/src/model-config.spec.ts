import { describe, expect, it } from 'vitest';
import { loadConfig } from './load-config.ts';
import { modelEnvironment } from './model-config.ts';

const setting = {
  id: 'bedrock-tokyo',
  model: 'claude-sonnet-4.6',
  displayName: 'Claude Sonnet 4.6',
  provider: 'bedrock',
  providerModelId: 'jp.anthropic.claude-sonnet-4-6',
  segments: ['lgwan'],
  concurrency: 64,
  maxOutputTokens: 8192,
};

const read = (...deployments: object[]) =>
  modelEnvironment.safeParse({ MODEL_DEPLOYMENTS: JSON.stringify(deployments) });

describe('model configuration', () => {
  it('fills the region, the time limits and that a deployment is real unless it says otherwise', () => {
    const config = modelEnvironment.parse({ MODEL_DEPLOYMENTS: JSON.stringify([setting]) });
    expect(config.deployments[0]).toMatchObject({ region: 'ap-northeast-1', simulated: false });
    expect(config.timeouts.totalMs).toBe(600_000);
  });

  it('refuses text that is no JSON, unknown fields, an empty pool and two deployments with one id', () => {
    expect(modelEnvironment.safeParse({ MODEL_DEPLOYMENTS: '[' }).success).toBe(false);
    expect(read({ ...setting, concurency: 1 }).success).toBe(false);
    expect(read().success).toBe(false);
    expect(read(setting, setting).success).toBe(false);
  });

  it('refuses an OpenAI-compatible deployment that has nowhere to go', () => {
    expect(read({ ...setting, provider: 'openai-compatible' }).success).toBe(false);
    expect(read({ ...setting, provider: 'openai-compatible', endpoint: 'http://10.0.0.5:8000/v1' }).success).toBe(true);
  });

  it('puts the named secret into the deployment, and names a variable that is missing but never a value', () => {
    const environment = { MODEL_DEPLOYMENTS: JSON.stringify([{ ...setting, apiKeyEnv: 'CITY_MODEL_KEY' }]) };
    expect(modelEnvironment.parse({ ...environment, CITY_MODEL_KEY: 'k' }).deployments[0]?.apiKey).toBe('k');
    expect(() => loadConfig({ model: modelEnvironment }, environment)).toThrow(/CITY_MODEL_KEY: is not set/);
  });
});
