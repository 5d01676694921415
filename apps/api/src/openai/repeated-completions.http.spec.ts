import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ContentSeal } from '#libs/database';
import { bearer } from '../../test/credentials.ts';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { CITY_A, type TestCity, addApiKey, onboardCity } from '../../test/test-city.ts';
import { ReaderLifetimes } from '../http/reader-lifetimes.ts';

const COMPLETIONS = '/api/openai/v1/chat/completions';
const question = { model: 'simulated-model', messages: [{ role: 'user', content: '質問' }] };

/** No worker runs: what is asked here waits until the spec ends it. */
describe('a completion under an Idempotency-Key', () => {
  let api: TestApi;
  let city: TestCity;
  let headers: Record<string, string>;
  let key = 0;
  beforeAll(async () => {
    api = await createTestApi();
    city = await onboardCity(api.app, CITY_A);
  }, 60_000);
  afterAll(() => api[Symbol.asyncDispose]());
  beforeEach(async () => {
    headers = { ...bearer(await addApiKey(api.app, city)), 'idempotency-key': `key-${(key += 1)}` };
    await api.eyes.query('DELETE FROM admission_entries; DELETE FROM jobs');
  });

  const ask = (over: object = {}) =>
    api
      .on('lgwan')
      .set(headers)
      .post(COMPLETIONS)
      .send({ ...question, ...over })
      .then((response) => response);
  const rows = async <Row>(sql: string, ...parameters: unknown[]) =>
    (await api.eyes.query(sql, parameters)).rows as Row[];
  const waitingJob = () =>
    vi.waitUntil(async () => (await rows<{ id: string }>(`SELECT id FROM jobs WHERE status = 'queued'`))[0]?.id);
  const readers = (count: number) =>
    vi.waitUntil(() => api.app.get(ReaderLifetimes, { strict: false }).count === count, { timeout: 5_000 });
  const end = async (
    id: string,
    status: string,
    { answer = null as string | null, code = null as string | null } = {},
  ) => {
    const seal = await api.app.get(ContentSeal, { strict: false }).forTenant({ tenantId: city.id, segment: 'lgwan' });
    await rows(
      `WITH ended AS (
         UPDATE jobs SET status = $2, output_sealed = $3, error_code = $4, simulated = nullif($3::bytea IS NOT NULL, false), finished_at = now() WHERE id = $1)
       UPDATE admission_entries SET finished_at = now() WHERE job_id = $1`,
      ...[id, status, answer && seal.seal({ rowId: id, column: 'output' }, answer), code],
    );
  };
  const textOf = ({ body, text, type }: Awaited<ReturnType<typeof ask>>): string =>
    type === 'text/event-stream'
      ? [...text.matchAll(/"content":"([^"]*)"/g)].map(([, words]) => words).join('')
      : (body.choices[0].message.content as string);
  const jobs = async () => (await rows<{ count: string }>('SELECT count(*) FROM jobs'))[0]!.count;

  describe.each([false, true])('streamed: %s', (stream) => {
    it('is answered once more from what is stored, in either form, and each reading is on record', async () => {
      const first = ask({ stream });
      const id = await waitingJob();
      await end(id, 'completed', { answer: '回答です。' });
      const answers = [await first, await ask({ stream }), await ask({ stream: !stream })];
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(answers.map(textOf)).toEqual(['回答です。', '回答です。', '回答です。']);
      expect(await jobs()).toBe('1');
      expect(
        await rows(`SELECT count(*)::int AS read FROM audit_entries WHERE action = 'job.read' AND subject_id = $1`, id),
      ).toEqual([{ read: 3 }]);
    });

    it('is one job though it is sent twice at once', async () => {
      const answers = [ask({ stream }), ask({ stream })];
      await readers(2);
      await end(await waitingJob(), 'completed', { answer: '回答です。' });
      expect((await Promise.all(answers)).map(textOf)).toEqual(['回答です。', '回答です。']);
      expect(await jobs()).toBe('1');
    });

    it('goes on when its reader leaves, who finds it again', async () => {
      const leave = new AbortController();
      const left = fetch(`${await api.app.getUrl()}${COMPLETIONS}`, {
        method: 'POST',
        headers: { ...api.ingressOf('lgwan'), ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ ...question, stream }),
        signal: leave.signal,
      }).catch(() => undefined);
      const id = await waitingJob();
      await readers(1);
      leave.abort();
      await left;
      await readers(0);
      const again = ask({ stream });
      await readers(1);
      expect(await waitingJob()).toBe(id);
      await end(id, 'completed', { answer: '回答です。' });
      expect(textOf(await again)).toBe('回答です。');
    });

    it('fails the same way again, which no client needs to try by itself', async () => {
      const first = ask({ stream });
      await end(await waitingJob(), 'failed', { code: 'MODEL.UNAVAILABLE' });
      for (const { status, body, headers: told } of [await first, await ask({ stream })])
        expect([status, body.error.code, told['x-should-retry']]).toEqual([503, 'MODEL.UNAVAILABLE', 'false']);
      expect(await jobs()).toBe('1');
    });

    it('is refused with another question, and where its answer was erased', async () => {
      const first = ask({ stream });
      const id = await waitingJob();
      await end(id, 'completed', { answer: '回答です。' });
      await first;
      const other = await ask({ stream, messages: [{ role: 'user', content: '別の質問' }] });
      expect([other.status, other.body.error.code]).toEqual([409, 'REQUEST.IDEMPOTENCY_MISMATCH']);
      await rows('UPDATE jobs SET input_sealed = NULL, output_sealed = NULL WHERE id = $1', id);
      const { status, body } = await ask({ stream });
      expect([status, body.error.code, body.error.param]).toEqual([404, 'REQUEST.NOT_FOUND', 'Idempotency-Key']);
    });
  });

  it('that was refused for want of time and accepted after all waits for its repeat', async () => {
    await rows('BEGIN');
    await rows('LOCK TABLE admission_entries IN SHARE MODE');
    expect((await ask()).status).toBe(503);
    await rows('COMMIT');
    const id = await waitingJob();
    const again = ask();
    await readers(1);
    expect(await waitingJob()).toBe(id);
    await end(id, 'completed', { answer: '回答です。' });
    expect(textOf(await again)).toBe('回答です。');
  });

  it('ends with a key of the city that may be used no longer', async () => {
    const answer = ask();
    const id = await waitingJob();
    await readers(1);
    await rows('UPDATE api_keys SET revoked_at = now() WHERE tenant_id = $1', city.id);
    expect((await answer).status).toBe(401);
    expect(await rows('SELECT status FROM jobs WHERE id = $1', id)).toEqual([{ status: 'cancelled' }]);
  });
});
