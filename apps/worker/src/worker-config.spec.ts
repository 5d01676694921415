import { expect, it } from 'vitest';
import { loadWorkerConfig } from './worker-config.ts';

const logged = {
  id: 'tokyo',
  model: 'claude',
  displayName: 'Claude',
  provider: 'bedrock',
  providerModelId: 'jp.anthropic.claude',
  segments: ['lgwan'],
  concurrency: 8,
  maxOutputTokens: 4_096,
  invocationLogGroup: '/bedrock/model-invocations',
};
const load = (horizonMs: string, deployment: object = logged) =>
  loadWorkerConfig({
    WORKER_STREAM_SECRET: 's'.repeat(32),
    AUDIT_ANCHOR_FILE: '/anchors',
    DATABASE_APP_URL: 'postgres://app@localhost/moyai',
    DATABASE_ADMISSION_URL: 'postgres://admission@localhost/moyai',
    DATABASE_FINANCE_URL: 'postgres://finance@localhost/moyai',
    DATABASE_EXIT_URL: 'postgres://exit@localhost/moyai',
    KEY_SERVICE: 'local',
    KEY_DIRECTORY: '/keys',
    MODEL_TOTAL_TIMEOUT_MS: '600000',
    WORKER_LOST_CALL_HORIZON_MS: horizonMs,
    MODEL_DEPLOYMENTS: JSON.stringify([deployment]),
  });

it('lets no real call be given up as never made while it may still be under way', () => {
  expect(() => load('600000')).toThrow('WORKER_LOST_CALL_HORIZON_MS');
  expect(load('600001').worker.lostCallHorizonMs).toBe(600_001);
  expect(load('90000', { ...logged, simulated: true }).worker.lostCallHorizonMs).toBe(90_000);
});
