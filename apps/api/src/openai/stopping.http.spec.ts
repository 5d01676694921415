import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ApiProcess, openStream } from '../../test/api-process.ts';
import { bearer } from '../../test/credentials.ts';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { CITY_A, onboardCity, signIn } from '../../test/test-city.ts';

const question = { model: 'simulated-model', messages: [{ role: 'user', content: '質問' }] };

/** No worker runs: what is asked here waits in line. */
describe('answers of an api that is told to stop', () => {
  let api: TestApi;
  let stopping: ApiProcess;
  let headers: Record<string, string>;
  beforeAll(async () => {
    api = await createTestApi();
    stopping = await ApiProcess.start(api);
    const city = await onboardCity(api.app, CITY_A);
    const cookie = await signIn(api, city, city.admin);
    const key = await api
      .on('lgwan')
      .post('/api/v1/api-keys')
      .set('cookie', cookie)
      .send({ name: '連携', scopes: ['jobs'] })
      .expect(201);
    headers = bearer(key.body.apiKey);
  }, 60_000);
  afterAll(async () => {
    await stopping[Symbol.asyncDispose]();
    await api[Symbol.asyncDispose]();
  });

  it('end at once where they can be read on elsewhere, and are refused at last where they cannot', async () => {
    const door = stopping.on('lgwan').set(headers);
    const { body: job } = await door
      .post('/api/v1/jobs')
      .send({ kind: 'chat', ...question })
      .expect(202);
    const read = await openStream(`${stopping.url}/api/v1/jobs/${job.id}/events`, {
      ...api.ingressOf('lgwan'),
      ...headers,
    });
    const ends: string[] = [];
    const told = [{}, { stream: true }].map(async (mode) => {
      const { status, body } = await door.post('/api/openai/v1/chat/completions').send({ ...question, ...mode });
      ends.push('completion');
      return [status, body.error?.code];
    });
    const waiting = () => api.eyes.query(`SELECT FROM jobs WHERE status = 'queued'`);
    await vi.waitFor(async () => expect((await waiting()).rows).toHaveLength(3));

    const stopped = stopping.stop();
    expect(await read.ended).toContain('event: queued');
    ends.push('reader');
    expect(await Promise.all(told)).toEqual([
      [503, 'SYSTEM.UNAVAILABLE'],
      [503, 'SYSTEM.UNAVAILABLE'],
    ]);
    await stopped;
    expect(ends).toEqual(['reader', 'completion', 'completion']);
    expect((await waiting()).rows).toHaveLength(1);
  });
});
