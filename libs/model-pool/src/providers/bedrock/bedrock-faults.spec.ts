import { createSecureServer } from 'node:http2';
import { type AddressInfo, createServer } from 'node:net';
import { setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { relayCertificate } from '#libs/testing';
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

const REFUSALS: [string, number, Record<string, string>, string, string][] = [
  ['a signature of a wrong clock', 403, { 'x-amzn-errortype': 'InvalidSignatureException' }, '{}', 'MODEL.UNAVAILABLE'],
  ['a page of a proxy that found nobody', 502, {}, '<html>Bad Gateway</html>', 'MODEL.UNAVAILABLE'],
  ['an address that moved', 301, { location: 'http://127.0.0.1:1/' }, '', 'MODEL.UNAVAILABLE'],
  ['a proxy that throttles', 429, {}, 'slow down', 'MODEL.THROTTLED'],
  ['a request that is too long for a proxy', 413, {}, '', 'MODEL.REFUSED'],
];

it.each(REFUSALS)('says that nothing began where the answer is %s', async (_what, status, headers, body, code) => {
  const { authority, key, cert } = await relayCertificate('127.0.0.1');
  setDefaultCACertificates([authority]);
  const secure = createSecureServer({ key, cert }, (_request, response) => {
    response.writeHead(status, headers);
    response.end(body);
  });
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
  try {
    const { port: securePort } = secure.address() as AddressInfo;
    expect(await faultAt(`https://127.0.0.1:${securePort}`)).toMatchObject({ code });
  } finally {
    secure.close();
  }
});
