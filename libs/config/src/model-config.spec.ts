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

const arn = (region: string, profile: string) => `arn:aws:bedrock:${region}:123456789012:inference-profile/${profile}`;

const read = (...deployments: object[]) =>
  modelEnvironment.safeParse({ MODEL_DEPLOYMENTS: JSON.stringify(deployments) });

describe('model configuration', () => {
  it('fills the region, the time limits and that a deployment is real unless it says otherwise', () => {
    const config = modelEnvironment.parse({ MODEL_DEPLOYMENTS: JSON.stringify([setting]) });
    expect(config.deployments[0]).toMatchObject({
      region: 'ap-northeast-1',
      simulated: false,
      dataResidency: 'any',
      outputBurnDown: 1,
      headRoom: 0.0125,
    });
    expect(config.deployments[0]?.tokensPerMinute).toBeUndefined();
    expect(config.timeouts.totalMs).toBe(600_000);
  });

  it('refuses text that is no JSON, unknown fields, an empty pool and two deployments with one id', () => {
    expect(modelEnvironment.safeParse({ MODEL_DEPLOYMENTS: '[' }).success).toBe(false);
    expect(read({ ...setting, concurency: 1 }).success).toBe(false);
    expect(read().success).toBe(false);
    expect(read(setting, setting).success).toBe(false);
  });

  it('never lets a simulator answer under the name of a real model', () => {
    expect(read(setting, { ...setting, id: 'osaka', region: 'ap-northeast-3' }).success).toBe(true);
    expect(read(setting, { ...setting, id: 'stand-in', simulated: true }).success).toBe(false);
  });

  it('refuses an OpenAI-compatible deployment that has nowhere to go', () => {
    expect(read({ ...setting, provider: 'openai-compatible' }).success).toBe(false);
    expect(read({ ...setting, provider: 'openai-compatible', endpoint: 'http://10.0.0.5:8000/v1' }).success).toBe(true);
  });

  it('reads what the provider grants, and refuses a grant of nothing', () => {
    const quota = { requestsPerMinute: 500, tokensPerMinute: 2_000_000, outputBurnDown: 5 };
    expect(read({ ...setting, ...quota }).data?.deployments[0]).toMatchObject(quota);
    expect(read({ ...setting, requestsPerMinute: 0 }).success).toBe(false);
    expect(read({ ...setting, tokensPerMinute: 0.5 }).success).toBe(false);
    expect(read({ ...setting, outputBurnDown: 0 }).success).toBe(false);
  });

  it('reads how much of a deployment is held free: nothing to a tenth', () => {
    expect(read({ ...setting, headRoom: 0 }).data?.deployments[0]?.headRoom).toBe(0);
    expect(read({ ...setting, headRoom: 0.11 }).success).toBe(false);
    expect(read({ ...setting, headRoom: -0.01 }).success).toBe(false);
  });

  it('serves My Number work only from deployments that are declared to stay in Japan', () => {
    const refusal = read({ ...setting, segments: ['lgwan', 'my_number'] });
    expect(refusal.error?.issues).toMatchObject([
      { path: ['MODEL_DEPLOYMENTS', 0, 'dataResidency'], message: expect.stringContaining('my_number') },
    ]);
    expect(read({ ...setting, segments: ['my_number'], dataResidency: 'japan' }).success).toBe(true);
  });

  it.each([
    ['Tokyo', { region: 'ap-northeast-1' }, true],
    ['Osaka without a profile', { region: 'ap-northeast-3', providerModelId: 'amazon.nova-lite-v1:0' }, true],
    ['a region abroad', { region: 'us-east-1' }, false],
    ['a profile of the Asia-Pacific', { providerModelId: 'apac.anthropic.claude-sonnet-4-6' }, false],
    ['a global profile', { providerModelId: 'global.anthropic.claude-sonnet-4-6' }, false],
    ['a profile of another country', { providerModelId: 'au.anthropic.claude-sonnet-4-6' }, false],
    ['a jp profile by its ARN', { providerModelId: arn('ap-northeast-1', 'jp.anthropic.claude-sonnet-4-6') }, true],
    ['a global profile by its ARN', { providerModelId: arn('ap-northeast-1', 'global.anthropic.claude') }, false],
    ['an ARN of a region abroad', { providerModelId: arn('us-west-2', 'anthropic.claude') }, false],
    ['a server of its operator', { provider: 'openai-compatible', endpoint: 'http://10.0.0.5/v1', region: 'x' }, true],
  ])('holds the promise to stay in Japan against the settings: %s', (_, over, kept) => {
    expect(read({ ...setting, dataResidency: 'japan', ...over }).success).toBe(kept);
  });

  it('takes an invocation log from Bedrock alone', () => {
    const log = { invocationLogGroup: 'moyai/model-invocations' };
    expect(read({ ...setting, ...log }).success).toBe(true);
    const local = { ...setting, provider: 'openai-compatible', endpoint: 'http://10.0.0.5:8000/v1' };
    expect(read({ ...local, ...log }).success).toBe(false);
  });

  it('puts the named secret into the deployment, and names a variable that is missing but never a value', () => {
    const environment = { MODEL_DEPLOYMENTS: JSON.stringify([{ ...setting, apiKeyEnv: 'CITY_MODEL_KEY' }]) };
    expect(modelEnvironment.parse({ ...environment, CITY_MODEL_KEY: 'k' }).deployments[0]?.apiKey).toBe('k');
    expect(() => loadConfig({ model: modelEnvironment }, environment)).toThrow(/CITY_MODEL_KEY: is not set/);
  });
});
