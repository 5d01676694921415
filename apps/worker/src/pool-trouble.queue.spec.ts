import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ModelDeployment } from '#libs/config';
import { JobCanceller, type JobEvent, JobFollower, JobIntake } from '#libs/jobs';
import { type Simulator, startSimulator } from '../../model-simulator/src/simulator.ts';
import { type House, openHouse } from '../test/job-house.ts';

const PATIENCE = { timeout: 20_000, interval: 10 };
const TERMINAL = ['completed', 'failed', 'cancelled'];
const AT_ONCE = { firstTokenDelayMs: 0, tokenDelayMs: 0 };
const [TOKYO, OSAKA] = ['ap-northeast-1', 'ap-northeast-3'];
const PROFILE = 'jp.anthropic.claude';

const deployment = (over: Partial<ModelDeployment>): ModelDeployment => ({
  id: 'a',
  model: 'claude',
  displayName: 'Claude',
  provider: 'bedrock',
  providerModelId: PROFILE,
  region: TOKYO,
  simulated: true,
  segments: ['lgwan'],
  dataResidency: 'japan',
  concurrency: 8,
  outputBurnDown: 5,
  headRoom: 0.01,
  maxOutputTokens: 4_096,
  ...over,
});

/** One model in two regions, and one of which a deployment cannot be reached: nobody listens at `deadUrl`. */
const poolOf = (url: string, deadUrl: string): ModelDeployment[] => [
  deployment({ id: 'tokyo', endpoint: `${url}/region/${TOKYO}`, tokensPerMinute: 1_000_000 }),
  deployment({ id: 'osaka', endpoint: `${url}/region/${OSAKA}`, region: OSAKA, tokensPerMinute: 1_000_000 }),
  deployment({ id: 'dead', model: 'half', providerModelId: 'half', endpoint: deadUrl }),
  deployment({ id: 'living', model: 'half', providerModelId: 'half', endpoint: url, concurrency: 1 }),
];

describe.each(['postgres', 'redis'] as const)('trouble in the pool, on the %s backend', (backend) => {
  let house: House;
  let superuser: Client;
  let dead: Simulator;
  beforeAll(async () => {
    dead = await startSimulator({ port: 0 });
    await dead.stop();
    house = await openHouse(backend, (url) => poolOf(url, dead.url));
    await house.startWorker();
    superuser = new Client({ connectionString: house.database.urls.superuser });
    await superuser.connect();
  });
  afterAll(async () => {
    await superuser.end();
    await house.close();
  });
  beforeEach(async () => {
    house.simulator.behaviour.replace(AT_ONCE);
    await superuser.query(
      'UPDATE pool_deployments SET throttled_at = NULL, throttle_level = 1, failures = 0, open_until = NULL, tokens_left = tokens_per_minute',
    );
  });

  const submit = async (model = 'claude'): Promise<string> => {
    const messages = [{ role: 'user' as const, content: 'ごみの分別の手順を一覧にしてください。' }];
    return (await house.intake.get(JobIntake).accept(house.requester, { kind: 'chat', model, messages })).id;
  };
  const follow = async (id: string, heard: JobEvent[] = []): Promise<JobEvent[]> => {
    const signal = AbortSignal.timeout(25_000);
    for await (const event of house.intake.get(JobFollower).follow(house.requester, id, { signal })) heard.push(event);
    return heard;
  };
  const rows = async <Row extends object>(sql: string, ...parameters: unknown[]) =>
    (await superuser.query<Row>(sql, parameters)).rows;
  const job = async (id: string) =>
    (
      await rows<{ status: string; fence: number; returns: number; deployment: string }>(
        'SELECT status, fence, returns, deployment_id AS deployment FROM jobs WHERE id = $1',
        id,
      )
    )[0]!;
  const bills = (id: string) =>
    rows<{ input: number; output: number }>(
      'SELECT input_tokens::int AS input, output_tokens::int AS output FROM usage_records WHERE subject_id = $1',
      id,
    );
  const calls = (id: string) => house.simulator.ledger.list().filter(({ callId }) => callId?.startsWith(id));
  const typesOf = (events: readonly JobEvent[]) => events.map(({ type }) => type);

  it('falls over to the other region in the same execution, and bills the one call that answered', async () => {
    house.simulator.behaviour.replace({ ...AT_ONCE, models: { [`${TOKYO}/${PROFILE}`]: { throttleRate: 1 } } });
    const id = await submit();
    const events = await follow(id);
    expect(events.at(-1)).toMatchObject({ type: 'completed' });
    expect(typesOf(events).filter((type) => type === 'started')).toHaveLength(1);
    expect(calls(id).map(({ callId, region, state }) => [callId, region, state])).toEqual([
      [`${id}.1`, TOKYO, 'throttled'],
      [`${id}.1.2`, OSAKA, 'completed'],
    ]);
    const { inputTokens: input, outputTokens: output } = calls(id)[1]!;
    expect(await bills(id)).toEqual([{ input, output }]);
    expect(await job(id)).toMatchObject({ deployment: 'osaka', fence: 1, returns: 0 });
  });

  it('goes back into line when every deployment throttles, shows so, and completes once one does not', async () => {
    house.simulator.behaviour.replace({ ...AT_ONCE, throttleRate: 1 });
    const id = await submit();
    const events: JobEvent[] = [];
    const followed = follow(id, events);
    const seen = () => typesOf(events).filter((type, index) => type !== events[index - 1]?.type);
    await vi.waitUntil(() => seen().join().startsWith('queued,started,queued'), PATIENCE);
    house.simulator.behaviour.replace(AT_ONCE);
    await followed;
    expect(typesOf(events).filter((type) => TERMINAL.includes(type))).toEqual(['completed']);
    const { fence, returns } = await job(id);
    expect(returns).toBeGreaterThan(0);
    expect(fence).toBe(returns + 1);
    expect(await bills(id)).toHaveLength(1);
    expect(await rows('SELECT DISTINCT state FROM reservations WHERE subject_id = $1', id)).toEqual([
      { state: 'settled' },
    ]);
  });

  it('ends at once when it is cancelled after it went back into line', async () => {
    house.simulator.behaviour.replace({ ...AT_ONCE, throttleRate: 1 });
    const id = await submit();
    await vi.waitUntil(async () => (await job(id)).returns > 0 && (await job(id)).status === 'queued', PATIENCE);
    await house.intake.get(JobCanceller).cancel(house.requester, id);
    expect((await follow(id)).at(-1)).toEqual({ type: 'cancelled' });
    expect(await rows('SELECT state FROM reservations WHERE subject_id = $1', id)).toEqual([{ state: 'released' }]);
  });

  it('stops asking a deployment that is dead after five failures, while jobs are answered by the other', async () => {
    for (let turn = 0; turn < 5; turn += 1) expect((await follow(await submit('half'))).at(-1)?.type).toBe('completed');
    const [breaker] = await rows(
      'SELECT failures, open_until > now() AS open FROM pool_deployments WHERE id = $1',
      'dead',
    );
    expect(breaker).toEqual({ failures: 5, open: true });
    const id = await submit('half');
    await follow(id);
    expect(calls(id).map(({ callId, state }) => [callId, state])).toEqual([[`${id}.1`, 'completed']]);
  });

  it('sends one job to find out whether a dead deployment answers again, and closes the breaker when it does', async () => {
    // Room that nobody waits for is counted again within a second; it must not come back while the living one is full.
    const running = async () => (await rows('SELECT running FROM admission_clock'))[0];
    await vi.waitFor(async () => expect(await running()).toEqual({ running: 0 }), PATIENCE);
    await superuser.query(
      `UPDATE pool_deployments SET failures = 5, open_until = now() - interval '1 ms' WHERE id = 'dead'`,
    );
    await superuser.query(`UPDATE pool_deployments SET running = concurrency WHERE id = 'living'`);
    await using revived = await startSimulator({ port: dead.port, behaviour: AT_ONCE });
    const id = await submit('half');
    await follow(id);
    expect(revived.ledger.list()).toMatchObject([{ callId: `${id}.1`, state: 'completed' }]);
    const breaker = () => rows('SELECT failures, open_until FROM pool_deployments WHERE id = $1', 'dead');
    await vi.waitFor(async () => expect(await breaker()).toEqual([{ failures: 0, open_until: null }]), PATIENCE);
    await superuser.query(`UPDATE pool_deployments SET running = 0 WHERE id = 'living'`);
  });

  it('refuses at the door what no deployment could answer, and says when to come again', async () => {
    await superuser.query(
      `UPDATE pool_deployments SET failures = 5, open_until = now() + interval '30 s' WHERE model = 'half'`,
    );
    const refused = () =>
      submit('half').then(
        () => undefined,
        (error: unknown) => error,
      );
    const refusal = await vi.waitUntil(refused, PATIENCE);
    expect(refusal).toMatchObject({ code: 'MODEL.NO_HEALTHY_DEPLOYMENT' });
    expect((refusal as { retryAfterSeconds: number }).retryAfterSeconds).toBeGreaterThan(20);
    await submit('claude').then(follow);
  });

  it('never falls over once words were shown', async () => {
    house.simulator.behaviour.replace({ ...AT_ONCE, tokenDelayMs: 1, errorAtFrame: 5 });
    const id = await submit();
    const events = await follow(id);
    expect(typesOf(events)).toContain('delta');
    expect(events.at(-1)).toEqual({ type: 'failed', code: 'MODEL.STREAM_BROKEN' });
    expect(calls(id)).toHaveLength(1);
    expect(await bills(id)).toHaveLength(1);
  });

  it('tells the pool what its call burned of the quota, which what a prompt cache gave is no part of', async () => {
    const burned = async () =>
      (await rows<{ total: number }>('SELECT sum(quota_tokens_total)::int AS total FROM pool_deployments'))[0]!.total;
    await vi.waitUntil(async () => (await rows('SELECT 1 FROM admission_entries')).length === 0, PATIENCE);
    const before = await burned();
    house.simulator.behaviour.replace({ ...AT_ONCE, cacheReadShare: 0.5, cacheWriteShare: 0.3 });
    const id = await submit();
    await follow(id);
    const { inputTokens, cacheWriteTokens, outputTokens } = calls(id)[0]!;
    expect(cacheWriteTokens).toBeGreaterThan(0);
    await vi.waitUntil(async () => (await burned()) > before, PATIENCE);
    expect((await burned()) - before).toBe(inputTokens + cacheWriteTokens + 5 * outputTokens);
  });
});
