import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { City, CityUsage, Job, Usage } from '#libs/api-client';
import type { Client } from './support/client.ts';
import { ask, askAndFinish, eventsOf, finished, question } from './support/jobs.ts';
import { type NewCity, onboardCity, signIn, signInVendor, withApiKey } from './support/people.ts';
import { expectProblem } from './support/problems.ts';
import { AT_ONCE, modelBehaves, modelCallsOf } from './support/simulator.ts';

const COUNTS = [
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'inputCharacters',
  'outputCharacters',
] as const;
const GROUPS = ['day', 'department', 'member', 'model', 'purpose'] as const;

/** The current JST day, as the meter's calendar has it. */
const today = (): string => new Date(Date.now() + 9 * 3_600_000).toISOString().slice(0, 10);
const month = (): string => today().slice(0, 7);

const sumOf = (jobs: readonly Job[]): object => ({
  jobs: jobs.length,
  ...Object.fromEntries(
    COUNTS.map((count) => [count, jobs.reduce((sum, { usage }) => sum + (usage?.[count] ?? 0), 0)]),
  ),
});

/** Every city that the vendor's operator sees, over all pages. */
async function everyCity(ops: Client): Promise<City[]> {
  const cities: City[] = [];
  for (let cursor = ''; ;) {
    const { body } = await ops.get(`/api/ops/v1/cities?limit=100${cursor && `&cursor=${cursor}`}`).expect(200);
    cities.push(...body.items);
    if (!body.nextCursor) return cities;
    cursor = body.nextCursor;
  }
}

const countsOf = (line: Record<string, unknown>): object =>
  Object.fromEntries(['jobs', ...COUNTS].map((count) => [count, line[count]]));

const usageOf = async (client: Client, groupBy: string): Promise<Usage> =>
  (await client.get(`/api/v1/usage?from=${today()}&to=${today()}&groupBy=${groupBy}`).expect(200)).body;

/** One job of every ending that costs something: by whom, on which model, and how it ended differ. */
async function workOf({ admin }: NewCity): Promise<Job[]> {
  const { body: purpose } = await admin.post('/api/v1/purposes', { code: 'koho', name: '広報の事務' }).expect(201);
  const { body: key } = await admin.post('/api/v1/api-keys', { name: '業務', scopes: ['jobs'] }).expect(201);
  const program = withApiKey(key.apiKey);
  const jobs: Job[] = [];
  await using _ = await modelBehaves(AT_ONCE);
  jobs.push(await askAndFinish(admin, '次の文を要約してください。水道管の工事で断水します。'));
  jobs.push(await askAndFinish(admin, '続きを箇条書きにしてください。', { conversationId: jobs[0]!.conversationId! }));
  jobs.push(await askAndFinish(admin, '案内文を作成してください。', { purposeCode: purpose.code }));
  jobs.push(await askAndFinish(program, '手順を教えてください。', { model: 'local-model', maxTokens: 5 }));
  await modelBehaves({ firstTokenDelayMs: 0, tokenDelayMs: 12 });
  const { id } = await ask(admin, '防災訓練の手順を教えてください。');
  for await (const { event } of eventsOf(admin, id))
    if (event === 'delta') {
      await admin.post(`/api/v1/jobs/${id}/cancel`).expect(202);
      break;
    }
  jobs.push(await finished(admin, id));
  return jobs;
}

describe('the meter', () => {
  let city: NewCity;
  let jobs: Job[];

  beforeAll(async () => {
    city = await onboardCity('=1+1');
    jobs = await workOf(city);
  });

  it('has seen every way a job can end with a bill', () => {
    expect(jobs.map(({ status, finishReason }) => finishReason ?? status)).toEqual([
      'stop',
      'stop',
      'stop',
      'length',
      'cancelled',
    ]);
  });

  it('agrees with the model’s own ledger, job by job', async () => {
    for (const { id, usage } of jobs) {
      const calls = await modelCallsOf(id);
      expect(calls).toHaveLength(1);
      expect(usage).toMatchObject({ inputTokens: calls[0]!.inputTokens, outputTokens: calls[0]!.outputTokens });
    }
  });

  it.each(GROUPS)('shows the city by %s what its jobs cost, to the token', async (groupBy) => {
    const { items, total } = await usageOf(city.admin, groupBy);
    expect(countsOf(total)).toEqual(sumOf(jobs));
    const added = ['jobs', ...COUNTS].map((count) => [
      count,
      items.reduce((sum, line) => sum + line[count as 'jobs'], 0),
    ]);
    expect(Object.fromEntries(added)).toEqual(sumOf(jobs));
  });

  it('shows the vendor’s finance the same figures', async () => {
    const finance = await signInVendor('finance');
    const { body } = await finance.get(`/api/finance/v1/usage?month=${month()}`).expect(200);
    const line = (body as CityUsage).items.find(({ cityId }) => cityId === city.id)!;
    expect(countsOf(line)).toEqual(sumOf(jobs));
    expect(line).toMatchObject({ code: city.code, name: '=1+1', limitTokens: 10_000_000 });
  });

  it('shows the vendor’s operator the sum, and not one word', async () => {
    const ops = await signInVendor('ops');
    const find = async () => {
      const cities = await everyCity(ops);
      expect(JSON.stringify(cities)).not.toMatch(/断水|防災|模擬モデル/);
      return cities.find(({ id }) => id === city.id);
    };
    const tokens = jobs.reduce((sum, { usage }) => sum + usage!.inputTokens + usage!.outputTokens, 0);
    // Room for which nobody waits is counted again within a second of the last answer.
    await vi.waitFor(
      async () =>
        expect(await find()).toMatchObject({
          month: { month: month(), usedTokens: tokens, reservedTokens: 0, limitTokens: 10_000_000 },
          jobs: { waiting: 0, running: 0 },
        }),
      5_000,
    );
  });

  it('gives the CSV to a spreadsheet without a formula in it', async () => {
    const finance = await signInVendor('finance');
    const response = await finance.get(`/api/finance/v1/usage.csv?month=${month()}`).expect(200);
    expect(response.headers['content-disposition']).toContain(`moyai-usage-${month()}.csv`);
    expect(response.text.codePointAt(0)).toBe(0xfeff);
    const rows = response.text
      .slice(1)
      .trimEnd()
      .split('\r\n')
      .map((row) => row.split(','));
    expect(rows.find(([, code]) => code === city.code)![2]).toBe("'=1+1");
    const cells = rows.flat().map((cell) => cell.replace(/^"/, ''));
    expect(cells.filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
  });

  it('keeps its figures from those who may not see them', async () => {
    const [ops, finance] = await Promise.all([signInVendor('ops'), signInVendor('finance')]);
    expectProblem(await ops.get(`/api/finance/v1/usage?month=${month()}`), 403, 'IDENTITY.FORBIDDEN');
    expectProblem(await finance.get('/api/ops/v1/cities'), 403, 'IDENTITY.FORBIDDEN');
    const { body } = await city.admin
      .post('/api/v1/members', { loginId: 'staff', displayName: '職員', role: 'staff', segment: 'lgwan' })
      .expect(201);
    const staff = await signIn({ cityCode: city.code, loginId: 'staff', password: body.initialPassword });
    const path = `/api/v1/usage?from=${today()}&to=${today()}&groupBy=day`;
    expectProblem(await staff.get(path), 403, 'IDENTITY.FORBIDDEN');
  });
});

describe('a budget', () => {
  let behaviour: AsyncDisposable;

  beforeAll(async () => {
    behaviour = await modelBehaves(AT_ONCE);
  });
  afterAll(() => behaviour[Symbol.asyncDispose]());

  it('refuses what might not fit, takes what surely does, and can be raised', async () => {
    const { admin } = await onboardCity('節約市', 1_000);
    const tooLong = await admin.post('/api/v1/jobs', question('質問です。', { maxTokens: 1_000 }));
    expectProblem(tooLong, 402, 'METERING.BUDGET_EXHAUSTED');
    expect((await askAndFinish(admin, '質問です。', { maxTokens: 100 })).status).toBe('completed');
    await admin.put(`/api/v1/budgets/${month()}`, { limitTokens: 100_000 }).expect(200);
    expect((await askAndFinish(admin, '質問です。', { maxTokens: 1_000 })).status).toBe('completed');
  });

  it('is never passed by questions that come at once', async () => {
    const { admin } = await onboardCity('同時市', 1_000);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => admin.post('/api/v1/jobs', question('質問です。', { maxTokens: 200 }))),
    );
    const accepted = answers.filter(({ status }) => status === 202);
    expect(accepted.length).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => status === 402).length).toBe(10 - accepted.length);
    await Promise.all(accepted.map(({ body }) => finished(admin, body.id)));
    const { body } = await admin.get(`/api/v1/budgets?from=${month()}&to=${month()}`).expect(200);
    expect(body.items[0].usedTokens).toBeLessThanOrEqual(1_000);
    expect(body.items[0].reservedTokens).toBe(0);
  });
});
