import { afterAll, beforeAll, describe, it } from 'vitest';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { INGRESS_HEADER, signIngress } from './ingress.ts';

const CLAIM = { listener: 'lgwan', address: '192.0.2.1', expiresAt: 4_000_000_000 } as const;

describe('the ingress gate', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await createTestApi();
  });
  afterAll(() => api[Symbol.asyncDispose]());

  it('answers health to anyone', async () => {
    await api.outside().get('/api/health/live').expect(200, { status: 'ok' });
    await api.outside().get('/api/health/ready').expect(200);
  });

  it('hides everything else from a request no ingress signed', async () => {
    const secret = api.config.api.ingressSecret;
    const headers = [
      {},
      { [INGRESS_HEADER]: signIngress('another secret', CLAIM) },
      { [INGRESS_HEADER]: signIngress(secret, { ...CLAIM, expiresAt: 1 }) },
      { [INGRESS_HEADER]: signIngress(secret, CLAIM).replace('lgwan', 'vendor') },
      { [INGRESS_HEADER]: signIngress(secret, CLAIM).replace('192.0.2.1', '10.0.0.1') },
      { [INGRESS_HEADER]: signIngress(secret, CLAIM).replace('192.0.2.1.', '') },
      { [INGRESS_HEADER]: `${signIngress(secret, CLAIM)}, ${signIngress(secret, CLAIM)}` },
    ];
    for (const header of headers) await api.outside().set(header).get('/api/v1/me').expect(404);
  });

  it('shows each plane only on its own networks, case and slashes included', async () => {
    await api.on('lgwan').get('/api/v1/me').expect(401);
    await api.on('vendor').get('/api/ops/v1/me').expect(401);
    for (const path of ['/api/v1/me', '/api/V1/me', '/api/openai/v1/models'])
      await api.on('vendor').get(path).expect(404);
    for (const path of ['/api/ops/v1/me', '/api/OPS/v1/me', '/api/finance/v1/usage', '//api/ops/v1/me'])
      await api.on('my_number').get(path).expect(404);
  });
});
