import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FairAdmission } from '#libs/jobs';
import { openStream } from '../../../test/api-process.ts';
import { bearer } from '../../../test/credentials.ts';
import { type TestApi, createTestApi } from '../../../test/test-api.ts';
import { CITY_A, addApiKey, onboardCity } from '../../../test/test-city.ts';

/** No worker runs: what is asked here waits in line. */
describe('readers of a job', () => {
  let api: TestApi;
  let headers: Record<string, string>;
  beforeAll(async () => {
    api = await createTestApi();
    headers = { ...api.ingressOf('lgwan'), ...bearer(await addApiKey(api.app, await onboardCity(api.app, CITY_A))) };
  }, 60_000);
  afterAll(() => api[Symbol.asyncDispose]());

  const ask = async () => {
    const messages = [{ role: 'user', content: '質問' }];
    const { body } = await api.on('lgwan').set(headers).post('/api/v1/jobs').send({ kind: 'chat', messages });
    return { id: body.id as string, events: `${await api.app.getUrl()}/api/v1/jobs/${body.id}/events` };
  };
  const locksWaitedFor = async () => (await api.eyes.query('SELECT FROM pg_locks WHERE NOT granted')).rowCount!;

  const inStage = async (stage: string) =>
    (await api.eyes.query('SELECT FROM admission_entries WHERE stage = $1', [stage])).rowCount!;

  it('are looked after no longer when they leave before they heard anything', async () => {
    const [left, read] = [await ask(), await ask()];
    const server: Server = api.app.getHttpServer();
    const leave = new AbortController();
    await api.eyes.query('BEGIN; LOCK TABLE jobs');
    const leaving = fetch(left.events, { headers, signal: leave.signal }).catch(() => undefined);
    const [, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
    await vi.waitUntil(async () => (await locksWaitedFor()) > 0);
    leave.abort();
    await Promise.all([once(response, 'close'), leaving]);
    await api.eyes.query('ROLLBACK');

    const stays = await openStream(read.events, headers);
    await stays.said('event: queued');
    const positions = vi.spyOn(api.app.get(FairAdmission, { strict: false }), 'positions');
    await vi.waitUntil(() => JSON.stringify(positions.mock.calls).includes(read.id), { timeout: 5_000 });
    expect(JSON.stringify(positions.mock.calls)).not.toContain(left.id);
  });

  it('are told where it stands first of all', async () => {
    const asked: string[] = [];
    for (let jobs = 0; jobs < 6; jobs += 1) asked.push((await ask()).events);
    await vi.waitUntil(async () => (await inStage('waiting')) > 1);
    const { body } = await fetch(asked.at(-1)!, { headers });
    const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toContain(`"position":${(await inStage('waiting')) - 1}`);
    await reader.cancel();
  });
});
