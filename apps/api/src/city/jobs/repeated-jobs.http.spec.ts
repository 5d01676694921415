import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer } from '../../../test/credentials.ts';
import { type TestApi, createTestApi } from '../../../test/test-api.ts';
import { CITY_A, addApiKey, onboardCity } from '../../../test/test-city.ts';

const question = { kind: 'chat', messages: [{ role: 'user', content: '質問' }] };

describe('a job sent again with its Idempotency-Key', () => {
  let api: TestApi;
  let headers: Record<string, string>;
  beforeAll(async () => {
    api = await createTestApi();
    headers = bearer(await addApiKey(api.app, await onboardCity(api.app, CITY_A)));
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const ask = async (key: string) =>
    (
      await api
        .on('lgwan')
        .set({ ...headers, 'idempotency-key': key })
        .post('/api/v1/jobs')
        .send(question)
        .expect(202)
    ).body;

  it.each(['completed', 'failed', 'cancelled'])('tells that it has %s', async (status) => {
    const { id } = await ask(status);
    expect(await ask(status)).toMatchObject({ id, status: 'queued' });
    await api.eyes.query(`UPDATE jobs SET status = $2, finished_at = now() WHERE id = $1`, [id, status]);
    await api.eyes.query('DELETE FROM admission_entries WHERE job_id = $1', [id]);
    expect(await ask(status)).toMatchObject({ id, status, position: 0, estimatedWaitMs: 0 });
  });
});
