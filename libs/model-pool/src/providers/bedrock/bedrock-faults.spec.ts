import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ModelRequest } from '../../model-provider.ts';
import { createProvider } from '../create-provider.ts';

/** Takes the whole request and hangs up. */
const server = createServer((socket) => {
  socket.on('error', () => undefined).on('data', () => socket.resetAndDestroy());
});
let port: number;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

async function faultAt(address: string): Promise<unknown> {
  const deployment: ModelRequest['deployment'] = {
    id: 'a',
    model: 'a',
    displayName: 'A',
    provider: 'bedrock',
    providerModelId: 'a',
    region: 'ap-northeast-1',
    endpoint: address,
    apiKey: 'key',
    simulated: true,
    segments: ['lgwan'],
    dataResidency: 'any',
    concurrency: 1,
    outputBurnDown: 1,
    headRoom: 0.01,
    maxOutputTokens: 100,
  };
  const call: ModelRequest = {
    callId: 'call',
    deployment,
    messages: [{ role: 'user', content: '住民票' }],
    maxTokens: 10,
  };
  const events = createProvider(deployment).stream(call, AbortSignal.timeout(5_000));
  return events[Symbol.asyncIterator]()
    .next()
    .catch((error: unknown) => error);
}

it('says that a request may have begun whose connection was reset, though the SDK calls that a timeout', async () => {
  expect(await faultAt(`http://127.0.0.1:${port}`)).toMatchObject({ code: 'MODEL.STREAM_BROKEN' });
});

it('says that nothing began where no connection was made', async () => {
  expect(await faultAt('http://127.0.0.1:1')).toMatchObject({ code: 'MODEL.UNAVAILABLE' });
});
