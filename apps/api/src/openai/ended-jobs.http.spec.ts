import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { JobReader } from '#libs/jobs';
import { openStream } from '../../test/api-process.ts';
import { bearer } from '../../test/credentials.ts';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { CITY_A, addApiKey, onboardCity } from '../../test/test-city.ts';

const COMPLETIONS = '/api/openai/v1/chat/completions';
const question = { model: 'simulated-model', messages: [{ role: 'user', content: '質問' }] };

/** No worker runs: what is asked here waits until the spec ends it. */
describe('a completion', () => {
  let api: TestApi;
  let headers: Record<string, string>;
  beforeAll(async () => {
    api = await createTestApi();
    headers = bearer(await addApiKey(api.app, await onboardCity(api.app, CITY_A)));
  }, 60_000);
  afterAll(() => api[Symbol.asyncDispose]());

  const door = () => api.on('lgwan').set(headers);
  const waitingJob = () =>
    vi.waitUntil(
      async () => (await api.eyes.query<{ id: string }>(`SELECT id FROM jobs WHERE status = 'queued'`)).rows[0]?.id,
    );
  const latestJob = () =>
    vi.waitUntil(
      async () => (await api.eyes.query<{ id: string }>('SELECT id FROM jobs ORDER BY id DESC LIMIT 1')).rows[0]?.id,
    );
  const asked = async (over: object = {}) => {
    const answer = door()
      .post(COMPLETIONS)
      .send({ ...question, ...over })
      .then((response) => response);
    return { answer, id: await waitingJob() };
  };
  const end = (id: string, status: string, errorCode: string | null) =>
    api.eyes.query(
      `WITH ended AS (UPDATE jobs SET status = $2, error_code = $3, finished_at = now() WHERE id = $1)
       UPDATE admission_entries SET finished_at = now() WHERE job_id = $1`,
      [id, status, errorCode],
    );
  const bill = (id: string) =>
    api.eyes.query(
      `INSERT INTO usage_records (tenant_id, id, subject_type, subject_id, call, segment, api_key_id, model, deployment_id,
         input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, input_characters, output_characters, source,
         accepted_at, recorded_at, billing_month)
       SELECT tenant_id, $2, 'job', id, '1', segment, api_key_id, model, model, 10, 10, 0, 0, 10, 10, 'provider', accepted_at,
         accepted_at, date_trunc('month', accepted_at)::date FROM jobs WHERE id = $1`,
      [id, randomUUID()],
    );

  const cancelled = (id: string) =>
    vi.waitFor(
      async () =>
        expect((await api.eyes.query('SELECT status FROM jobs WHERE id = $1', [id])).rows).toEqual([
          { status: 'cancelled' },
        ]),
      { timeout: 5_000 },
    );

  it('that was refused for want of time is cancelled when it was accepted after all', async () => {
    await api.eyes.query('BEGIN; LOCK TABLE admission_entries IN SHARE MODE');
    const { body } = await door().post(COMPLETIONS).send(question).expect(503);
    await api.eyes.query('COMMIT');
    expect(body.error.code).toBe('SYSTEM.UNAVAILABLE');
    await cancelled(await latestJob());
  });

  it('that cannot be followed is cancelled', async () => {
    await api.eyes.query('REVOKE SELECT ON usage_records FROM moyai_app');
    const { answer, id } = await asked({ stream: true });
    expect((await answer).status).toBe(500);
    await api.eyes.query('GRANT SELECT ON usage_records TO moyai_app');
    await cancelled(id);
  });

  it('that waits long in line begins beforehand, and tells in the stream how it ended', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const url = `${await api.app.getUrl()}${COMPLETIONS}`;
    const begun = openStream(url, { ...api.ingressOf('lgwan'), ...headers }, { ...question, stream: true });
    const id = await waitingJob();
    vi.advanceTimersByTime(10_000);
    vi.useRealTimers();
    const stream = await begun;
    await stream.said('"role":"assistant"');
    await end(id, 'failed', 'MODEL.UNAVAILABLE');
    expect(await stream.ended).toMatch(/"code":"MODEL.UNAVAILABLE".*\n\n$/);
  });

  describe.each([false, true])('streamed: %s', (stream) => {
    it('is answered although its end could not be read at first', async () => {
      const { answer, id } = await asked({ stream });
      const looks = vi.spyOn(api.app.get(JobReader, { strict: false }), 'snapshot');
      await api.eyes.query('REVOKE SELECT ON jobs FROM moyai_app');
      await end(id, 'completed', null);
      await vi.waitUntil(() => looks.mock.settledResults.some(({ type }) => type === 'rejected'), { timeout: 5_000 });
      await api.eyes.query('GRANT SELECT ON jobs TO moyai_app');
      looks.mockRestore();
      expect((await answer).status).toBe(200);
    });

    it('that somebody cancelled is not sent again by the client itself', async () => {
      const { answer, id } = await asked({ stream });
      await door().post(`/api/v1/jobs/${id}/cancel`).expect(202);
      const { status, headers: told } = await answer;
      expect([status, told['x-should-retry']]).toEqual([503, 'false']);
    });

    it('that cost several workers is not sent again by the client itself', async () => {
      const { answer, id } = await asked({ stream });
      await end(id, 'failed', 'JOBS.WORKER_LOST');
      const { body, headers: told } = await answer;
      expect([body.error.code, told['x-should-retry']]).toEqual(['JOBS.WORKER_LOST', 'false']);
    });

    it('that broke off when it was billed is not sent again by the client itself', async () => {
      const { answer, id } = await asked({ stream });
      await bill(id);
      await end(id, 'failed', 'MODEL.TIMED_OUT');
      const { body, headers: told } = await answer;
      expect([body.error.code, told['x-should-retry']]).toEqual(['MODEL.TIMED_OUT', 'false']);
    });

    it('that failed without a call may be sent again', async () => {
      const { answer, id } = await asked({ stream });
      await end(id, 'failed', 'MODEL.UNAVAILABLE');
      const { status, headers: told } = await answer;
      expect([status, told['x-should-retry']]).toEqual([503, undefined]);
    });
  });
});
