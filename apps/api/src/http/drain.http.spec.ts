import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Simulator, startSimulator } from '../../../model-simulator/src/simulator.ts';
import { kill, startWorkerProcess } from '../../../worker/test/worker-process.ts';
import { ApiProcess, type OpenStream, openStream } from '../../test/api-process.ts';
import { bearer } from '../../test/credentials.ts';
import { type TestApi, createTestApi, simulatedModel } from '../../test/test-api.ts';
import { CITY_A, addApiKey, onboardCity } from '../../test/test-city.ts';

/** An answer takes about two seconds. */
const READABLE = { firstTokenDelayMs: 0, tokenDelayMs: 8, jitter: 0 };
const LONGER_THAN_AN_ANSWER_MS = 20_000;
const SHORTER_THAN_AN_ANSWER_MS = 100;

const question = {
  model: 'simulated-model',
  messages: [{ role: 'user', content: '防災訓練の手順を教えてください。' }],
};

interface Event {
  readonly type: string;
  readonly id: string | undefined;
  readonly data: { readonly offset: number; readonly text: string };
}

const messagesOf = (stream: string) => stream.split('\n\n').filter((text) => text && !text.startsWith(':'));
const dataOf = (message: string) => /^data: (.*)$/m.exec(message)![1]!;
const eventsOf = (stream: string): Event[] =>
  messagesOf(stream).map((message) => ({
    type: /^event: (.*)$/m.exec(message)![1]!,
    id: /^id: (.*)$/m.exec(message)?.[1],
    data: JSON.parse(dataOf(message)) as Event['data'],
  }));
const contentOf = (stream: string): string =>
  messagesOf(stream)
    .map(dataOf)
    .filter((data) => data !== '[DONE]')
    .map((data) => (JSON.parse(data) as Chunk).choices?.[0]?.delta.content ?? '')
    .join('');

interface Chunk {
  readonly choices?: readonly { readonly delta: { readonly content?: string } }[];
}

describe('an api that is told to stop while answers are read from it', { timeout: 60_000 }, () => {
  let simulator: Simulator;
  let api: TestApi;
  let worker: ChildProcess;
  let headers: Record<string, string>;
  beforeAll(async () => {
    simulator = await startSimulator({ port: 0, behaviour: READABLE });
    api = await createTestApi({
      deployments: [{ ...simulatedModel('simulated-model'), endpoint: `${simulator.url}/v1` }],
    });
    worker = await startWorkerProcess({
      ...api.config,
      worker: {
        concurrency: 20,
        streamHost: '127.0.0.1',
        streamPort: 0,
        streamSecret: api.config.api.streamSecret,
        leaseMs: 15_000,
        drainMs: 5_000,
        lostCallHorizonMs: 900_000,
        draftDays: 14,
        mailRecordDays: 180,
        auditAnchorFile: `${(api.config.keyService as { directory: string }).directory}-anchors.jsonl`,
      },
      exitDatabase: { exitUrl: api.database.urls.exit },
      smtp: null,
    });
    const city = await onboardCity(api.app, CITY_A);
    headers = { ...api.ingressOf('lgwan'), ...bearer(await addApiKey(api.app, city)) };
  }, 60_000);
  beforeEach(() => simulator.ledger.reset());
  afterAll(async () => {
    await kill(worker);
    await api[Symbol.asyncDispose]();
    await simulator.stop();
  });

  /** A completion that has begun to answer. */
  const begin = async (door: ApiProcess): Promise<OpenStream> => {
    const body = { ...question, stream: true };
    const stream = await openStream(`${door.url}/api/openai/v1/chat/completions`, headers, body);
    await stream.said('"content":"');
    return stream;
  };

  const rows = async <Row extends object>(sql: string, id: string) => (await api.eyes.query<Row>(sql, [id])).rows;
  const ended = (id: string) =>
    vi.waitUntil(
      async () =>
        (await rows<{ status: string }>('SELECT status FROM jobs WHERE id = $1 AND finished_at IS NOT NULL', id))[0]
          ?.status,
      { timeout: 15_000 },
    );
  /** What the model counted for a job, and what we billed for it. */
  const tokens = async (id: string) => ({
    counted: simulator.ledger
      .list()
      .filter(({ callId }) => callId?.startsWith(id))
      .map(({ inputTokens, outputTokens }) => ({ inputTokens, outputTokens })),
    billed: await rows(
      `SELECT input_tokens::integer AS "inputTokens", output_tokens::integer AS "outputTokens"
       FROM usage_records WHERE subject_id = $1`,
      id,
    ),
  });
  const expectBilled = async (id: string) => {
    const { counted, billed } = await tokens(id);
    expect(counted).toHaveLength(1);
    expect(counted[0]!.outputTokens).toBeGreaterThan(0);
    expect(billed).toEqual(counted);
  };
  const jobOf = (stream: string) => /chatcmpl-([0-9a-f-]{36})/.exec(stream)![1]!;

  it('sends a completion to its end where there is time for it', async () => {
    await using stopping = await ApiProcess.start(api, LONGER_THAN_AN_ANSWER_MS);
    const completion = await begin(stopping);
    const stopped = stopping.stop();
    const text = await completion.ended;
    await stopped;
    expect(messagesOf(text).at(-1)).toBe('data: [DONE]');
    const id = jobOf(text);
    expect(await ended(id)).toBe('completed');
    const reread = await openStream(`${await api.app.getUrl()}/api/v1/jobs/${id}/events`, headers);
    expect(contentOf(text)).toBe(textOf(eventsOf(await reread.ended)));
    await expectBilled(id);
  });

  it('says so to the reader of a completion that takes longer, and bills what was written', async () => {
    await using stopping = await ApiProcess.start(api, SHORTER_THAN_AN_ANSWER_MS);
    const completion = await begin(stopping);
    const stopped = stopping.stop();
    const text = await completion.ended;
    await stopped;
    expect(text).not.toContain('[DONE]');
    expect(JSON.parse(dataOf(messagesOf(text).at(-1)!))).toMatchObject({
      error: { code: 'SYSTEM.UNAVAILABLE', type: 'server_error' },
    });
    const id = jobOf(text);
    expect(await ended(id)).toBe('cancelled');
    await expectBilled(id);
  });

  it('says so also when the job cannot be given up meanwhile', async () => {
    await using stopping = await ApiProcess.start(api, SHORTER_THAN_AN_ANSWER_MS);
    const completion = await begin(stopping);
    await api.eyes.query('BEGIN; SELECT FROM jobs FOR UPDATE');
    const stopped = stopping.stop();
    const text = await completion.ended;
    await api.eyes.query('ROLLBACK');
    await stopped;
    expect(text).not.toContain('[DONE]');
    expect(dataOf(messagesOf(text).at(-1)!)).toContain('SYSTEM.UNAVAILABLE');
    await ended(jobOf(text));
    await expectBilled(jobOf(text));
  });

  it('lets a reader of events go on at another one where it stopped', async () => {
    await using other = await ApiProcess.start(api);
    await using stopping = await ApiProcess.start(api);
    const { body: job } = await other
      .on('lgwan')
      .set(headers)
      .post('/api/v1/jobs')
      .send({ kind: 'chat', ...question })
      .expect(202);
    const path = `/api/v1/jobs/${job.id}/events`;
    const reader = await openStream(`${stopping.url}${path}`, headers);
    await reader.said('event: delta');
    const stopped = stopping.stop();
    const before = eventsOf(await reader.ended);
    await stopped;
    const lastEventId = before.findLast(({ id }) => id)!.id!;
    const resumed = await openStream(`${other.url}${path}`, { ...headers, 'last-event-id': lastEventId });
    const after = eventsOf(await resumed.ended);

    const held = textOf(before);
    const [first] = after.filter(({ type }) => type === 'delta');
    expect(first!.data.offset).toBe(held.length);
    const whole = await openStream(`${other.url}${path}`, headers);
    expect(textOf(after, held)).toBe(textOf(eventsOf(await whole.ended)));
    const terminal = ['completed', 'failed', 'cancelled'];
    expect(before.filter(({ type }) => terminal.includes(type))).toEqual([]);
    expect(after.filter(({ type }) => terminal.includes(type)).map(({ type }) => type)).toEqual(['completed']);
    expect(after.at(-1)!.type).toBe('completed');
    await expectBilled(job.id);
  });
});

/** @throws Error where a delta does not go on exactly where the text held so far ends */
function textOf(events: readonly Event[], held = ''): string {
  let text = held;
  for (const { type, data } of events) {
    if (type !== 'delta') continue;
    if (data.offset !== text.length) throw new Error(`a delta at ${data.offset}, ${text.length} held`);
    text += data.text;
  }
  return text;
}
