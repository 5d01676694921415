import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { followJob } from './follow-job.ts';
import { type JobEvent, applyDelta } from './job-events.ts';
import { ApiProblem } from './problem.ts';

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close().closeAllConnections()));

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A real HTTP server that answers the n-th request with the n-th handler, the last one from then on. */
async function serve(...handlers: Handler[]): Promise<{ baseUrl: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    handlers[Math.min(requests.length, handlers.length) - 1]?.(request, response);
  });
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

const stream =
  (text: string, after: (response: ServerResponse) => void = (response) => response.end()): Handler =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(text, () => after(response));
  };
const json =
  (status: number, body: unknown): Handler =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

const delta = (id: number, offset: number, text: string) =>
  `id: ${id}\nevent: delta\ndata: ${JSON.stringify({ offset, text })}\n\n`;
const COMPLETED = 'event: completed\ndata: {"finishReason":"stop"}\n\n';
const JOB = {
  id: 'j',
  kind: 'chat',
  status: 'running',
  model: 'm',
  simulated: true,
  position: null,
  estimatedWaitMs: null,
  conversationId: null,
  acceptedAt: '2026-04-01T00:00:00Z',
  startedAt: '2026-04-01T00:00:01Z',
  finishedAt: null,
  output: { text: 'もや' },
  finishReason: null,
  usage: null,
  error: null,
};

const timings = { openMs: 100, silenceMs: 100, retryMs: 1, maxRetryMs: 2, pollMs: 1 };

async function follow(baseUrl: string, extra: { lastEventId?: string; signal?: AbortSignal } = {}) {
  const events: JobEvent[] = [];
  const end = await followJob('j', { baseUrl, timings, onEvent: (event) => events.push(event), ...extra });
  const answer = events.reduce((held, event) => (event.type === 'delta' ? applyDelta(held, event) : held), '');
  return { end, events, answer };
}

test('a broken stream is resumed after the last event that arrived', async () => {
  const { baseUrl, requests } = await serve(
    stream(delta(1, 0, 'も'), (response) => response.destroy()),
    stream(delta(2, 1, 'やい') + COMPLETED),
  );
  const { answer, end } = await follow(baseUrl);
  expect(answer).toBe('もやい');
  expect(end).toEqual({ type: 'completed', finishReason: 'stop' });
  expect(requests.map((request) => request.headers['last-event-id'])).toEqual([undefined, '1']);
});

test('a service that cannot be reached is told of, a stream that ends or is held back is not', async () => {
  const mute: Handler = (_request, response) => response.writeHead(200, { 'content-type': 'text/event-stream' });
  const { baseUrl } = await serve(
    stream(delta(1, 0, 'も'), (response) => response.destroy()),
    mute,
    json(503, {}),
    json(503, {}),
    json(200, { ...JOB, status: 'completed', output: { text: 'もやい' }, finishReason: 'stop' }),
  );
  const told: string[] = [];
  await followJob('j', { baseUrl, timings, onEvent: ({ type }) => told.push(type), onLost: () => told.push('lost') });
  expect(told).toEqual(['delta', 'lost', 'lost', 'started', 'delta', 'completed']);
});

test('a delta below what is held replaces from there', async () => {
  const { baseUrl } = await serve(stream(delta(1, 0, '一回目') + delta(2, 0, '二') + delta(3, 1, '回目') + COMPLETED));
  expect((await follow(baseUrl)).answer).toBe('二回目');
});

test('a network that buffers streams is served by polling', async () => {
  const mute: Handler = (_request, response) => response.writeHead(200, { 'content-type': 'text/event-stream' });
  const done = { ...JOB, status: 'completed', output: { text: 'もやい' }, finishReason: 'stop' };
  const { baseUrl } = await serve(mute, mute, json(200, JOB), json(503, {}), json(200, done));
  const { answer, end } = await follow(baseUrl);
  expect(answer).toBe('もやい');
  expect(end.type).toBe('completed');
});

test('a failed job ends with its code', async () => {
  const { baseUrl } = await serve(stream('event: failed\ndata: {"code":"MODEL.THROTTLED","title":"混雑"}\n\n'));
  expect((await follow(baseUrl)).end).toEqual({ type: 'failed', code: 'MODEL.THROTTLED', title: '混雑' });
});

test('an event this client does not know is skipped', async () => {
  const { baseUrl } = await serve(stream('event: thinking\ndata: not json\n\n' + COMPLETED));
  expect((await follow(baseUrl)).events).toHaveLength(1);
});

test('a refusal is thrown at once, with its code', async () => {
  const { baseUrl, requests } = await serve(json(401, { title: '期限切れ', code: 'IDENTITY.UNAUTHENTICATED' }));
  const refusal = await follow(baseUrl).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ApiProblem);
  expect(refusal).toMatchObject({ status: 401, problem: { code: 'IDENTITY.UNAUTHENTICATED' } });
  expect(requests).toHaveLength(1);
});

test('an abort ends the reading', async () => {
  const reader = new AbortController();
  const { baseUrl } = await serve(stream(delta(1, 0, 'も'), () => reader.abort(new Error('left'))));
  await expect(follow(baseUrl, { signal: reader.signal })).rejects.toThrow('left');
});
