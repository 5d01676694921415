import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, createTestApi } from '../../../test/test-api.ts';
import { CITY_A, onboardCity, signIn } from '../../../test/test-city.ts';

describe('a conversation opened again', () => {
  let api: TestApi;
  let cookie: string;
  beforeAll(async () => {
    api = await createTestApi();
    const city = await onboardCity(api.app, CITY_A);
    cookie = await signIn(api, city, city.admin);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  it.each(['stop', 'length', 'content_filter', null])(
    'says of each turn how its answer ended: %s',
    async (finishReason) => {
      const question = { kind: 'chat', messages: [{ role: 'user', content: '議会答弁の案を書いてください。' }] };
      const { body: job } = await api.on('lgwan').post('/api/v1/jobs').set({ cookie }).send(question).expect(202);
      // As its worker ends it, but for the bill
      await api.eyes.query(`UPDATE jobs SET status = $2, finished_at = now(), finish_reason = $3 WHERE id = $1`, [
        job.id,
        finishReason ? 'completed' : 'cancelled',
        finishReason,
      ]);
      const conversation = api.on('lgwan').get(`/api/v1/conversations/${job.conversationId}`);
      const { body } = await conversation.set({ cookie }).expect(200);
      expect(body.turns).toMatchObject([{ jobId: job.id, finishReason }]);
      // The same words as those who followed it live have
      const { body: live } = await api.on('lgwan').get(`/api/v1/jobs/${job.id}`).set({ cookie }).expect(200);
      expect(live.finishReason).toBe(finishReason);
    },
  );
});
