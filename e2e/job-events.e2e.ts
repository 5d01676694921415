import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from './support/client.ts';
import { collect } from './support/collect.ts';
import {
  type JobEvent,
  allEventsOf,
  ask,
  askAndFinish,
  eventsOf,
  isEnd,
  question,
  readJob,
  textOf,
} from './support/jobs.ts';
import { credentialsOf, demoCity, memberOf, signIn, signInAs, withApiKey } from './support/people.ts';
import { expectProblem } from './support/problems.ts';
import { AT_ONCE, modelBehaves } from './support/simulator.ts';

const city = demoCity(0);
const PROMPT = '防災訓練の手順を教えてください。';
/** Slow enough that a reader can leave in the middle and come back. */
const READABLE = { firstTokenDelayMs: 20, tokenDelayMs: 4 };
/** Slow enough that something else can happen meanwhile, on a busy machine too. */
const SLOW = { firstTokenDelayMs: 20, tokenDelayMs: 12 };

/** Reads until enough has been heard, then hangs up. */
async function eventsUntil(client: Client, id: string, enough: (events: JobEvent[]) => boolean): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  for await (const event of eventsOf(client, id)) {
    events.push(event);
    if (enough(events)) break;
  }
  return events;
}

const deltas = (events: readonly JobEvent[]): JobEvent[] => events.filter(({ event }) => event === 'delta');
const kinds = (events: readonly JobEvent[]): string[] =>
  events.map(({ event }) => event).filter((event, at, all) => event !== all[at - 1]);

describe('the events of a job', () => {
  let staff: Client;

  beforeAll(async () => {
    staff = await signInAs(city, 'staff');
  });

  it('come in the order of its life, with one end, and hold what the record holds', async () => {
    await using _ = await modelBehaves(READABLE);
    const { id } = await ask(staff, PROMPT);
    const events = await allEventsOf(staff, id);
    expect(kinds(events)).toEqual(['queued', 'started', 'delta', 'usage', 'completed']);
    expect(events.filter(isEnd)).toHaveLength(1);
    const job = await readJob(staff, id);
    expect(textOf(events)).toBe(job.output!.text);
    expect(events.find(({ event }) => event === 'usage')!.data).toEqual(job.usage);
    expect(deltas(events).length).toBeGreaterThan(3);
  });

  it('go on after any event a reader has, without gap or repeat', async () => {
    await using _ = await modelBehaves(READABLE);
    const { id } = await ask(staff, PROMPT);
    const before = await eventsUntil(staff, id, (events) => deltas(events).length === 3);
    const after = await allEventsOf(staff, id, before.at(-1)!.id);
    const held = textOf(before);
    expect(deltas(after)[0]!.data.offset).toBe(held.length);
    expect(textOf(after, held)).toBe((await readJob(staff, id)).output!.text);
    expect(after.filter(isEnd)).toHaveLength(1);
  });

  it('are told again, whole, after the end', async () => {
    await using _ = await modelBehaves(AT_ONCE);
    const job = await askAndFinish(staff, PROMPT);
    const again = await allEventsOf(staff, job.id);
    expect(textOf(again)).toBe(job.output!.text);
    expect(kinds(again)).toEqual(['queued', 'started', 'delta', 'usage', 'completed']);
    expect(textOf(await allEventsOf(staff, job.id, 'no-such-event'))).toBe(job.output!.text);
  });

  it('reach every reader alike', async () => {
    await using _ = await modelBehaves(READABLE);
    const { id } = await ask(staff, PROMPT);
    const readers = await Promise.all([1, 2, 3].map(() => allEventsOf(staff, id)));
    expect(new Set(readers.map((events) => textOf(events))).size).toBe(1);
    expect(readers.map((events) => events.filter(isEnd).length)).toEqual([1, 1, 1]);
  });

  it('can be replaced by asking again and again where streams do not come through', async () => {
    await using _ = await modelBehaves(READABLE);
    const { id } = await ask(staff, PROMPT);
    const seen: string[] = [];
    await expect
      .poll(
        async () => {
          const job = await readJob(staff, id);
          if (job.status === 'running' && job.output) seen.push(job.output.text);
          return job.status;
        },
        { timeout: 10_000, interval: 20 },
      )
      .toBe('completed');
    const { output } = await readJob(staff, id);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.filter((text) => !output!.text.startsWith(text))).toEqual([]);
  });
});

describe('a job that is cancelled', () => {
  it('ends once, keeps what was written and is metered for it', async () => {
    await using _ = await modelBehaves(SLOW);
    const staff = await signInAs(city, 'staff');
    const { id } = await ask(staff, PROMPT);
    const events: JobEvent[] = [];
    for await (const event of eventsOf(staff, id)) {
      events.push(event);
      if (event.event === 'delta' && deltas(events).length === 2)
        await staff.post(`/api/v1/jobs/${id}/cancel`).expect(202);
    }
    expect(kinds(events)).toEqual(['queued', 'started', 'delta', 'usage', 'cancelled']);
    const job = await readJob(staff, id);
    expect(job).toMatchObject({ status: 'cancelled', output: { text: textOf(events) } });
    expect(job.usage!.outputTokens).toBeGreaterThanOrEqual(2);
    expectProblem(await staff.post(`/api/v1/jobs/${id}/cancel`), 409, 'JOBS.ALREADY_FINISHED');
  });
});

describe('a job whose model breaks off', () => {
  it.each([
    ['says that it failed', { errorAtFrame: 6 }],
    ['is cut between two frames', { cutAtFrame: 6 }],
    ['is cut within a frame', { cutMidFrame: 6 }],
  ])('ends once as failed, in words, when the stream %s', async (_name, fault) => {
    await using _ = await modelBehaves({ ...AT_ONCE, ...fault });
    const staff = await signInAs(city, 'staff');
    const { id } = await ask(staff, PROMPT);
    const events = await allEventsOf(staff, id);
    expect(events.filter(isEnd).map(({ event }) => event)).toEqual(['failed']);
    const job = await readJob(staff, id);
    expect(job).toMatchObject({ status: 'failed', error: events.at(-1)!.data });
    expect(job.error!.code).toMatch(/^MODEL\./);
    expect(textOf(events)).toBe(job.output?.text ?? '');
  });
});

describe('signing out', () => {
  it('ends the open streams of the session, and of no other; the job goes on', async () => {
    await using _ = await modelBehaves(SLOW);
    const credentials = credentialsOf(city, memberOf(city, 'staff'));
    const [here, there] = await Promise.all([signIn(credentials), signIn(credentials)]);
    const { id } = await ask(here, PROMPT);
    const stays = eventsOf(there, id);
    await stays.next();
    const events: JobEvent[] = [];
    for await (const event of eventsOf(here, id)) {
      events.push(event);
      if (event.event === 'delta' && deltas(events).length === 1)
        await here.delete('/api/v1/sessions/current').expect(204);
    }
    expect(events.filter(isEnd)).toEqual([]);
    expectProblem(await here.get(`/api/v1/jobs/${id}`), 401, 'IDENTITY.UNAUTHENTICATED');

    const others = await collect(stays);
    expect(others.at(-1)!.event).toBe('completed');
    expect(textOf(others)).toBe((await readJob(there, id)).output!.text);
  });
});

describe('an Idempotency-Key', () => {
  const key = (name: string): Record<string, string> => ({ 'idempotency-key': `${name}-${performance.now()}` });
  let behaviour: AsyncDisposable;

  beforeAll(async () => {
    behaviour = await modelBehaves(AT_ONCE);
  });
  afterAll(() => behaviour[Symbol.asyncDispose]());

  it('makes one job of a question sent many times at once', async () => {
    const staff = (await signInAs(city, 'staff')).with(key('once'));
    const answers = await Promise.all([1, 2, 3, 4].map(() => ask(staff, PROMPT)));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  });

  it('refuses another question under the same key', async () => {
    const staff = (await signInAs(city, 'staff')).with(key('other'));
    await ask(staff, PROMPT);
    const other = await staff.post('/api/v1/jobs', question('別の質問'));
    expectProblem(other, 409, 'REQUEST.IDEMPOTENCY_MISMATCH');
  });

  it('is each requester’s own', async () => {
    const shared = key('shared');
    const requesters = [await signInAs(city, 'staff'), await signInAs(city, 'manager'), withApiKey(city.apiKey)];
    const ids = await Promise.all(requesters.map(async (client) => (await ask(client.with(shared), PROMPT)).id));
    expect(new Set(ids).size).toBe(requesters.length);
  });
});
