import { describe, expect, it } from 'vitest';
import type { ModelDeployment } from '#libs/config';
import { ModelPool } from './model-pool.ts';

const deployment = (over: Partial<ModelDeployment>): ModelDeployment => ({
  id: 'a',
  model: 'sonnet',
  displayName: 'Sonnet',
  provider: 'bedrock',
  providerModelId: 'jp.sonnet',
  region: 'ap-northeast-1',
  simulated: false,
  segments: ['lgwan', 'my_number'],
  dataResidency: 'japan',
  concurrency: 10,
  outputBurnDown: 1,
  headRoom: 0.01,
  maxOutputTokens: 8_192,
  ...over,
});

const pool = new ModelPool(
  [
    deployment({ id: 'local', model: 'local', displayName: 'Local', segments: ['my_number'], concurrency: 2 }),
    deployment({ id: 'tokyo', tokensPerMinute: 2_000 }),
    deployment({ id: 'osaka', concurrency: 5, maxOutputTokens: 4_096, tokensPerMinute: 1_000 }),
  ],
  { firstTokenMs: 1, tokenGapMs: 1, totalMs: 1, drainMs: 1 },
);

describe('the model pool', () => {
  it('shows each public name once, the first that the segment may use as the default', () => {
    expect(pool.models('my_number').map(({ id, isDefault }) => [id, isDefault])).toEqual([
      ['local', true],
      ['sonnet', false],
    ]);
    expect(pool.models('lgwan')).toEqual([
      { id: 'sonnet', displayName: 'Sonnet', simulated: false, maxOutputTokens: 4_096, isDefault: true },
    ]);
    expect(pool.models('internet')).toEqual([]);
  });

  it('finds the deployments of a name, and those of the default when none is named', () => {
    expect(pool.route('sonnet', 'lgwan').deployments.map(({ id }) => id)).toEqual(['tokyo', 'osaka']);
    expect(pool.route(undefined, 'my_number').model).toBe('local');
  });

  it('promises an answer as long as each of them can give, and takes what the largest grant can', () => {
    expect(pool.route('sonnet', 'lgwan')).toMatchObject({ maxOutputTokens: 4_096, tokensPerMinute: 2_000 });
    expect(pool.route('local', 'my_number').tokensPerMinute).toBe(Infinity);
  });

  it('knows a deployment by its id, and none that it was not configured with', () => {
    expect(pool.deployment('osaka')?.concurrency).toBe(5);
    expect(pool.deployment('seoul')).toBeUndefined();
  });

  it('offers what a city allows, the first of it as the default, and tells forbidden from unknown', () => {
    expect(pool.models('my_number', ['sonnet']).map(({ id, isDefault }) => [id, isDefault])).toEqual([
      ['sonnet', true],
    ]);
    expect(pool.route(undefined, 'my_number', ['sonnet']).model).toBe('sonnet');
    expect(() => pool.route('local', 'my_number', ['sonnet'])).toThrow('TENANCY.MODEL_NOT_ALLOWED');
    expect(() => pool.route('gpt', 'my_number', ['sonnet'])).toThrow('JOBS.MODEL_UNKNOWN');
    expect(() => pool.route(undefined, 'lgwan', ['local'])).toThrow('TENANCY.MODEL_NOT_ALLOWED');
  });

  it('knows no model of another segment', () => {
    expect(() => pool.route('local', 'lgwan')).toThrow('JOBS.MODEL_UNKNOWN');
    expect(() => pool.route(undefined, 'internet')).toThrow('JOBS.MODEL_UNKNOWN');
  });
});
