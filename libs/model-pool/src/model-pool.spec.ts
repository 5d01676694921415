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
  maxOutputTokens: 8_192,
  ...over,
});

const pool = new ModelPool(
  [
    deployment({ id: 'local', model: 'local', displayName: 'Local', segments: ['my_number'], concurrency: 2 }),
    deployment({ id: 'tokyo' }),
    deployment({ id: 'osaka', concurrency: 5 }),
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
      { id: 'sonnet', displayName: 'Sonnet', simulated: false, maxOutputTokens: 8_192, isDefault: true },
    ]);
    expect(pool.models('internet')).toEqual([]);
  });

  it('finds the deployment of a name, and the default when none is named', () => {
    expect(pool.deploymentFor('sonnet', 'lgwan').id).toBe('tokyo');
    expect(pool.deploymentFor(undefined, 'my_number').id).toBe('local');
  });

  it('knows no model of another segment', () => {
    expect(() => pool.deploymentFor('local', 'lgwan')).toThrow('JOBS.MODEL_UNKNOWN');
    expect(() => pool.deploymentFor(undefined, 'internet')).toThrow('JOBS.MODEL_UNKNOWN');
  });

  it('carries as many streams as its deployments together', () => {
    expect(pool.capacity()).toBe(17);
  });
});
